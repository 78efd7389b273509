import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';

const nightly = {
  name: 'nightly',
  cron: '30 2 * * *',
  timezone: 'Europe/Berlin',
  job: { type: 'report', payload: { a: 1 }, labels: { team: 'x' } },
};

test('a schedule is made, shown, changed, paused, run and deleted; each change is on record', async ({
  db,
}) => {
  const api = await anApi(db);
  const owner = await signedUp(api, 'owner');
  const call = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) => {
    const answer = await api.app.inject({ method, url, headers: owner.headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };

  const made = await call('POST', '/schedules', nightly);
  expect(made).toMatchObject({
    status: 201,
    body: {
      name: 'nightly',
      missed: 'once',
      overlap: 'allow',
      paused: false,
      job: { type: 'report', queue: 'default' },
    },
  });
  expect(made.body.next).toHaveLength(5);
  expect(made.body.last_fire).toBe(null);
  expect(await call('POST', '/schedules', nightly)).toMatchObject({ status: 409 });
  const path = `/schedules/${made.body.id}`;
  expect((await call('GET', '/schedules')).body).toEqual([made.body]);
  expect((await call('GET', '/schedules?name=other')).body).toEqual([]);

  const { cron: _, timezone: __, ...rest } = nightly;
  const changed = await call('PUT', path, { ...rest, every_ms: 60_000, overlap: 'skip' });
  expect(changed.body).toMatchObject({ cron: null, every_ms: 60_000, timezone: 'UTC', overlap: 'skip' });
  expect((await call('POST', `${path}/pause`)).body).toMatchObject({ paused: true, next: [] });
  const fired = await call('POST', `${path}/run`);
  expect(fired.body).toMatchObject({ outcome: 'fired', by_hand: true });
  expect((await call('GET', `/jobs/${fired.body.job_id}`)).body).toMatchObject({
    ...{ name: 'nightly', type: 'report', user_id: owner.id, labels: { team: 'x', schedule: 'nightly' } },
  });
  expect((await call('GET', `${path}/fires`)).body).toEqual([fired.body]);
  expect((await call('GET', '/schedules')).body).toMatchObject([{ last_fire: fired.body }]);
  expect((await call('POST', `${path}/resume`)).body.next).toHaveLength(5);
  expect(await call('DELETE', path)).toMatchObject({ status: 204 });
  expect(await call('GET', path)).toMatchObject({ status: 404 });

  const { rows } = await db.pool.query('select action from audit order by id');
  expect(rows.map((row) => row.action)).toEqual(
    ['create', 'change', 'pause', 'run', 'resume', 'delete'].map((verb) => `schedule.${verb}`),
  );
  await api.stop();
});

test('what cannot fire or run is refused with what is wrong', async ({ db }) => {
  const api = await anApi(db);
  const { headers } = await signedUp(api, 'owner');
  const refusal = async (change: object) => {
    const answer = await api.app.inject({
      ...{ method: 'POST', url: '/schedules', headers },
      payload: { ...nightly, ...change },
    });
    expect(answer.statusCode).toBe(422);
    return answer.json().detail as string;
  };
  expect(await refusal({ cron: '61 * * * *' })).toContain('cron "61 * * * *"');
  expect(await refusal({ timezone: 'Mars/Olympus' })).toContain('Mars/Olympus is not known');
  expect(await refusal({ cron: undefined })).toContain('give either cron or every_ms');
  expect(await refusal({ every_ms: 5_000 })).toContain('give either cron or every_ms');
  expect(await refusal({ job: { type: 'http', payload: {} } })).toContain('payload.url');
  expect(await refusal({ job: { type: 'x', payload: {}, run_at: '2026-01-01T00:00:00Z' } })).toContain(
    'run_at',
  );

  const preview = (query: string) => api.app.inject({ url: `/schedules/preview?${query}`, headers });
  const from = '2026-03-28T12:00:00Z';
  const shown = await preview(
    new URLSearchParams({ cron: '30 2 * * *', timezone: 'Europe/Berlin', from, count: '2' }).toString(),
  );
  expect(shown.json()).toEqual({ fires: ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'] });
  expect((await preview(`every_ms=60000&from=${from}&count=1`)).json()).toEqual({
    fires: ['2026-03-28T12:01:00.000Z'],
  });
  expect((await preview('cron=x')).statusCode).toBe(422);
  await api.stop();
});

test('schedules are seen and changed by their own organization only', async ({ db }) => {
  const api = await anApi(db);
  const [owner, stranger] = [await signedUp(api, 'owner'), await signedUp(api, 'stranger')];
  await api.app.inject({ method: 'POST', url: '/orgs', headers: owner.headers, payload: { name: 'acme' } });
  const made = await api.app.inject({
    method: 'POST',
    url: '/schedules',
    headers: owner.headers,
    payload: nightly,
  });
  const path = `/schedules/${made.json().id}`;
  for (const [method, url, payload] of [
    ['GET', path],
    ['GET', `${path}/fires`],
    ['PUT', path, nightly],
    ['POST', `${path}/pause`],
    ['POST', `${path}/run`],
    ['DELETE', path],
  ] as const) {
    const answer = await api.app.inject({
      method,
      url,
      headers: stranger.headers,
      ...(payload && { payload }),
    });
    expect(answer.statusCode, `${method} ${url}`).toBe(404);
  }
  expect((await api.app.inject({ url: '/schedules', headers: stranger.headers })).json()).toEqual([]);
  expect((await api.app.inject({ url: path, headers: owner.headers })).json()).toEqual(made.json());
  await api.stop();
});

import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { leadership } from '../../test/jobs.ts';
import type { Pool } from '../db/connect.ts';
import { answerWhatifs } from '../scheduler/answer-whatifs.ts';

/** `count` jobs that ended within the last minutes: eight at a time every ten seconds, the two long ones first. */
const aPast = (pool: Pool, tenant: string, count: number) =>
  pool.query(
    `insert into job_history (id, tenant_id, user_id, queue, type, name, payload, status, priority, weight,
       predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, retry_count, max_retries,
       crash_count, labels, created_at, started_at, finished_at, runtime_ms, outcome)
     select uuid7(), $1, $1, 'default', 'noop', case when n % 8 in (0, 1) then 'long' else 'short' end, '{}', 'done', 0.5, 1,
       1, 1, 1, n, at, 1, 0, 3, 0, '{}', at, at, at, case when n % 8 in (0, 1) then 6000 else 500 end, 'done'
     from (select n, now() - (($2 - n) / 8) * interval '10 seconds' as at from generate_series(0, $2::int - 1) n) past`,
    [tenant, count],
  );

test('the past is replayed in other orders, on more slots, with more arrivals', async ({ db }) => {
  const api = await anApi(db);
  const guard = await leadership(db.pool);
  const [ada, bob] = [await signedUp(api, 'ada'), await signedUp(api, 'bob')];
  const send = async (who: typeof ada, method: 'GET' | 'POST', url: string, payload?: object) => {
    const answer = await api.app.inject({ method, url, headers: who.headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  };
  const work = () => answerWhatifs(db.pool, guard, new AbortController().signal);
  const question = { window: 'hour', slots: [2, 3], policies: ['adaptive'], arrival_scales: [1, 1.5] };
  await aPast(db.pool, ada.id, 304);

  const { status, body: asked } = await send(ada, 'POST', '/whatif', question);
  expect([status, asked]).toMatchObject([
    202,
    { status: 'waiting', progress: 0, result: null, asked: question },
  ]);
  expect(await work()).toBe('again');
  const { body } = await send(ada, 'GET', `/whatif/${asked.id}`);
  expect(body).toMatchObject({ status: 'done', progress: 1, error: null, result: { jobs: 304 } });
  const { rows, capacity, sentence } = body.result;
  expect(rows).toHaveLength(2 * 2 * 3);
  const of = (policy: string, slots = 2, scale = 1) =>
    rows.find(
      (row: { policy: string; slots: number; arrival_scale: number }) =>
        row.policy === policy && row.slots === slots && row.arrival_scale === scale,
    );
  expect(of('adaptive').mean_wait_ms).toBeLessThan(of('fifo').mean_wait_ms);
  expect(of('clairvoyant').mean_wait_ms).toBeLessThanOrEqual(of('adaptive').mean_wait_ms);
  expect(of('fifo', 3).mean_wait_ms).toBeLessThan(of('fifo').mean_wait_ms);
  expect([of('fifo').gap_wait, of('clairvoyant').gap_wait]).toEqual([0, 100]);
  expect(sentence).toMatch(/^In the order adaptive jobs wait \d+ % less than first come, first served/);
  expect(capacity[1]).toMatchObject({ arrival_scale: 1.5, slots: 2 });
  expect(capacity[1].slots_to_keep).toBeGreaterThan(2);
  expect(capacity[1].sentence).toMatch(
    /^At 1\.5 x the arrivals the p95 wait grows from .+; \d slots keep it\.$/,
  );

  expect((await send(bob, 'GET', `/whatif/${asked.id}`)).status).toBe(404);
  expect((await send(ada, 'GET', '/whatif')).body).toMatchObject([{ id: asked.id, result: null }]);
  expect((await send(bob, 'GET', '/whatif')).body).toEqual([]);
  const nothing = (await send(bob, 'POST', '/whatif', { slots: [1] })).body;
  await work();
  expect((await send(bob, 'GET', `/whatif/${nothing.id}`)).body).toMatchObject({
    status: 'failed',
    error: 'No two jobs succeeded in the last day: there is nothing to replay.',
  });
  expect((await send(bob, 'POST', '/whatif', { slots: [1], scope: 'all' })).status).toBe(403);
  expect((await send(bob, 'POST', '/whatif', { slots: [], policies: ['x'] })).status).toBe(422);
  await api.stop();
});

test('a question can be cancelled before it is taken up and while it is worked on, and a tenant has few open', async ({
  db,
}) => {
  const api = await anApi(db);
  const guard = await leadership(db.pool);
  const ada = await signedUp(api, 'ada');
  const send = async (url: string, payload: object = {}) =>
    api.app.inject({ method: 'POST', url, headers: ada.headers, payload });
  await aPast(db.pool, ada.id, 4_000);
  const long = {
    slots: [2, 3, 4, 5],
    policies: ['fifo', 'adaptive', 'hrrn'],
    arrival_scales: [1, 2, 3],
    predictor: 'champion',
  };

  const waiting = (await send('/whatif', long)).json();
  expect((await send(`/whatif/${waiting.id}/cancel`)).json()).toMatchObject({ status: 'cancelled' });
  const running = (await send('/whatif', long)).json();
  const working = answerWhatifs(db.pool, guard, new AbortController().signal);
  const read = async () =>
    (await api.app.inject({ url: `/whatif/${running.id}`, headers: ada.headers })).json();
  await eventually(async () => (await read()).progress > 0, { timeoutMs: 20_000 });
  await send(`/whatif/${running.id}/cancel`);
  await working;
  expect(await read()).toMatchObject({ status: 'cancelled', result: null });
  for (let n = 0; n < 5; n++) expect((await send('/whatif', long)).statusCode).toBe(202);
  expect((await send('/whatif', long)).statusCode).toBe(429);
  await api.stop();
});

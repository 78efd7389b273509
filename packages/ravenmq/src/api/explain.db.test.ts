import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';
import { claim, leadership } from '../../test/jobs.ts';
import { aliveWorker, planned } from '../../test/planned.ts';

test('a job is told its place and time, and jobs of others are counted but not named', async ({ db }) => {
  const api = await anApi(db);
  const guard = await leadership(db.pool);
  await aliveWorker(db.pool);
  const [ada, bob, root] = [
    await signedUp(api, 'ada'),
    await signedUp(api, 'bob'),
    await signedUp(api, 'root'),
  ];
  await db.pool.query(`update users set role = 'admin' where id = $1`, [root.id]);
  const ask = async (who: typeof ada, url: string, payload?: object) => {
    const method = payload ? ('POST' as const) : ('GET' as const);
    const answer = await api.app.inject({ method, url, headers: who.headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  };
  const secret = { type: 'mine', name: 'secret plans', payload: {} };
  await ask(bob, '/jobs', { type: 'mine', name: 'secret run', payload: {} });
  await claim(db.pool);
  await ask(bob, '/jobs', secret);
  const { body: job } = await ask(ada, '/jobs', {
    type: 'mine',
    name: 'hers',
    payload: {},
    deadline: '2000-01-01T00:00:00Z',
  });
  expect(job).toMatchObject({ eta: null, deadline_at_risk: true, running_long: false });
  await planned(db.pool, guard);

  const { body: why } = await ask(ada, `/jobs/${job.id}/explain`);
  expect(why).toMatchObject({
    ...{ job_id: job.id, status: 'queued', waiting: 2, exact: true, deadline_at_risk: true },
    predicted: { p50_ms: 3_000, p90_ms: 3_000, mean_ms: 3_000 },
    terms: { set_by: 'arrival', weight: 1, stretch: null },
  });
  expect(Date.parse(why.start.p90)).toBeGreaterThan(Date.parse(why.start.p50));
  expect(Date.parse(why.finish.p50)).toBeGreaterThan(Date.parse(why.start.p50));
  expect((await ask(ada, `/jobs/${job.id}`)).body.eta).toMatchObject({
    position: why.position,
    start: why.start,
  });
  expect((await ask(bob, `/jobs/${job.id}/explain`)).status).toBe(404);

  const { body: board } = await ask(ada, '/queues/default/board');
  expect(board).toMatchObject({ waiting: 2, running: 1, slots: 1, workers: 1, paused: false });
  expect(board.jobs).toHaveLength(2);
  expect(board.slots_plan[0].items).toHaveLength(3);
  const hers = board.jobs.filter(({ own }: { own: boolean }) => own);
  expect(hers).toMatchObject([{ job_id: job.id, name: 'hers' }]);
  expect(JSON.stringify([board, why])).not.toContain('secret');
  const all = (await ask(root, '/queues/default/board')).body;
  expect(all.jobs.map(({ name }: { name: string }) => name).sort()).toEqual(['hers', 'secret plans']);
  expect((await ask(ada, '/queues/nothing/board')).status).toBe(404);
  await api.stop();
});

test('an estimate says how long and when before anything is submitted, as the submission will be told', async ({
  db,
}) => {
  const api = await anApi(db);
  const guard = await leadership(db.pool);
  await aliveWorker(db.pool);
  const ada = await signedUp(api, 'ada');
  const post = async (url: string, payload: object) => {
    const answer = await api.app.inject({ method: 'POST', url, headers: ada.headers, payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  expect((await post('/estimate', { type: 'mine' })).body).toMatchObject({
    ...{ basis: 'default', samples: 0, position: null, start: null, planned_at: null },
    sentence: expect.stringContaining('no scheduler has planned'),
  });
  await db.pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     values ($1, 'mine', 'long', 60000, 90000, 65000, 12), ($1, 'mine', '', 1000, 2000, 1200, 40)`,
    [ada.id],
  );
  for (const name of ['a', 'b', 'long']) await post('/jobs', { type: 'mine', name, payload: {} });
  await planned(db.pool, guard);
  // Plans are read again when they are a second old.
  const fresh = await anApi(db);
  await api.stop();
  const ask = async (payload: object) =>
    (await fresh.app.inject({ method: 'POST', url: '/estimate', headers: ada.headers, payload })).json();

  const short = await ask({ type: 'mine', name: 'new' });
  const long = await ask({ type: 'mine', name: 'long' });
  const urgent = await ask({
    type: 'mine',
    name: 'long',
    deadline: new Date(Date.now() + 80_000).toISOString(),
  });
  expect(short).toMatchObject({
    basis: 'type',
    samples: 40,
    predicted: { p50_ms: 1_000 },
    position: 3,
    waiting: 3,
  });
  expect(long).toMatchObject({
    basis: 'series',
    samples: 12,
    predicted: { p50_ms: 60_000 },
    deadline_at_risk: null,
  });
  expect(urgent).toMatchObject({ position: 1, deadline_at_risk: true });
  expect(Date.parse(long.start.p50)).toBeGreaterThan(Date.parse(short.start.p50));
  expect(short.sentence).toMatch(
    /^It would run for 1 s \(90 %: within 2 s\), as 40 runs say\. It would start in .+ at position 3\.$/,
  );
  const answer = await fresh.app.inject({
    ...{ method: 'POST', url: '/jobs', headers: ada.headers },
    payload: { type: 'mine', name: 'new', payload: {} },
  });
  expect(answer.json()).toMatchObject({ predicted_runtime_ms: 1_000, eta: { position: 3 } });
  const wrong = await fresh.app.inject({
    ...{ method: 'POST', url: '/estimate', headers: ada.headers },
    payload: { type: 'mine', size: 3 },
  });
  expect(wrong.statusCode).toBe(422);
  await fresh.stop();
});

import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, submitted } from '../../test/jobs.ts';
import { type Pool, transaction } from '../db/connect.ts';
import { silentLogger } from '../log.ts';
import { learnFromLogs } from './learn.ts';
import { everyone, forgetOldSeries, publishPriors } from './series.ts';
import { createPredictorServer } from './server.ts';

async function ran(
  pool: Pool,
  runtimeMs: number,
  job: Parameters<typeof submitted>[1] = {},
  outcome = 'done',
) {
  const [row] = await submitted(pool, job);
  const [claimed] = await claim(pool);
  expect(claimed?.id).toBe(row?.id);
  await finish(pool, aFinish(claimed as never, { runtimeMs, outcome: outcome as 'done' }));
}

const predicted = async (pool: Pool, job: Parameters<typeof submitted>[1]) =>
  (await submitted(pool, { ...job, runAt: '2100-01-01T00:00:00Z' }))[0]?.predicted_runtime_ms as number;

test('new jobs of a series get what its runs took; other series of the type get the type’s', async ({
  db,
}) => {
  for (let n = 0; n < 12; n++) await ran(db.pool, 50, { name: 'a' });
  await learnFromLogs(db.pool);

  expect(await predicted(db.pool, { name: 'a' })).toBeLessThan(75);
  expect(await predicted(db.pool, { name: 'b' })).toBeLessThan(200);
});

test('one tenant’s runs do not show in another’s estimates, but for the built-in types', async ({ db }) => {
  await publishPriors(db.pool);
  for (let n = 0; n < 12; n++) await ran(db.pool, 20, { type: 'mine', orgId: acme });
  for (let n = 0; n < 12; n++) await ran(db.pool, 20, { type: 'http', orgId: acme });
  await learnFromLogs(db.pool);

  expect(await predicted(db.pool, { type: 'mine', orgId: globex })).toBe(3_000);
  expect(await predicted(db.pool, { type: 'http', orgId: globex })).toBeLessThan(60);
});

test('failed runs are counted apart', async ({ db }) => {
  await ran(db.pool, 5, { name: 'a' }, 'failed');
  await learnFromLogs(db.pool);

  expect(await predicted(db.pool, { name: 'a' })).toBe(3_000);
  const { rows } = await db.pool.query(`select samples, unsuccessful from series_stat where name = 'a'`);
  expect(rows).toEqual([{ samples: 0, unsuccessful: 1 }]);
});

test('every run counts once over restarts and with several predictors at once', async ({ db }) => {
  for (let n = 0; n < 40; n++) await ran(db.pool, 10);
  await Promise.all(Array.from({ length: 5 }, () => learnFromLogs(db.pool)));
  await learnFromLogs(db.pool);

  const { rows } = await db.pool.query(`select samples from series_stat where name = 'noop'`);
  expect(rows).toEqual([{ samples: 40 }]);
});

test('a run whose transaction commits late is not skipped', async ({ db }) => {
  await submitted(db.pool, {}, {});
  const [early, late] = await claim(db.pool, { count: 2 });
  const open = await db.pool.connect();
  try {
    await open.query('begin');
    await open.query('select pg_current_xact_id()');
    await finish(db.pool, aFinish(early as never));
    // The open transaction is older than the one that committed: both have to wait.
    expect(await learnFromLogs(db.pool)).toBe(0);
    await finish(open as never, aFinish(late as never));
    await open.query('commit');
  } finally {
    open.release();
  }
  expect(await learnFromLogs(db.pool)).toBe(2);
});

test('what was learned in a transaction that fails is learned again', async ({ db }) => {
  await ran(db.pool, 10);
  await db.pool.query('alter table estimate add constraint broken check (samples < 1) not valid');
  await expect(learnFromLogs(db.pool)).rejects.toThrow('broken');
  await db.pool.query('alter table estimate drop constraint broken');
  expect(await learnFromLogs(db.pool)).toBe(1);
});

test('the longest unused series beyond the cap fall back to their type', async ({ db }) => {
  for (const name of ['a', 'b', 'c', 'd']) {
    await ran(db.pool, 10, { name });
    await learnFromLogs(db.pool);
  }
  await transaction(db.pool, (client) => forgetOldSeries(client, [acme], 2));

  const { rows } = await db.pool.query(`select name from estimate where tenant_id = $1 order by name`, [
    acme,
  ]);
  expect(rows.map((row) => row.name)).toEqual(['', 'c', 'd']);
});

test('/predict answers base runtimes at first, learned ones later, and says when it is trained', async ({
  db,
}) => {
  await publishPriors(db.pool);
  const server = createPredictorServer(db.pool, silentLogger);
  const predict = async (payload: unknown) =>
    server.inject({ method: 'POST', url: '/predict', payload: payload as object });

  expect((await server.inject('/health')).json()).toEqual({ status: 'ok', model_trained: false });
  expect((await predict({ job_type: 'ml', history: ['http', 'ml'] })).json()).toEqual({
    predicted_runtime_ms: 12_000,
    predicted_priority: 0.2,
    job_type: 'ml',
  });
  expect((await predict({ job_type: 'unheard-of', history: [] })).json()).toMatchObject({
    predicted_priority: 0.5,
  });
  expect((await predict({ history: [] })).statusCode).toBe(422);

  for (let n = 0; n < 10; n++) await ran(db.pool, 100, { type: 'ml' });
  await learnFromLogs(db.pool);
  expect((await server.inject('/health/')).json()).toEqual({ status: 'ok', model_trained: true });
  expect((await predict({ job_type: 'ml', history: [] })).json().predicted_runtime_ms).toBeLessThan(200);
  expect(everyone).toHaveLength(36);
});

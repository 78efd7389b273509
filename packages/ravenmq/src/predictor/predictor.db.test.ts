import { expect } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, submitted } from '../../test/jobs.ts';
import { settled } from '../../test/settled.ts';
import { readConfig } from '../config.ts';
import { type Pool, transaction } from '../db/connect.ts';
import { silentLogger } from '../log.ts';
import { learnFromLogs } from './learn.ts';
import { createPredictor } from './predictor.ts';
import { forgetOldSeries, publishPriors } from './series.ts';

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
  await settled(pool);
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

test('a type named like a property of every object belongs to its tenant', async ({ db }) => {
  for (let n = 0; n < 12; n++) await ran(db.pool, 20, { type: 'constructor', orgId: acme });
  await learnFromLogs(db.pool);

  expect(await predicted(db.pool, { type: 'constructor', orgId: acme })).toBeLessThan(60);
  expect(await predicted(db.pool, { type: 'constructor', orgId: globex })).toBe(3_000);
});

test('runs that did not succeed are counted by outcome and not learned', async ({ db }) => {
  const outcomes = ['failed', 'failed', 'timed_out', 'cancelled'] as const;
  for (const outcome of outcomes) await ran(db.pool, 5, { name: 'a', maxRetries: 0 }, outcome);
  await learnFromLogs(db.pool);

  expect(await predicted(db.pool, { name: 'a' })).toBe(3_000);
  const { rows } = await db.pool.query(
    `select samples, failed, timed_out, cancelled, crashed from series_stat where name = 'a'`,
  );
  expect(rows).toEqual([{ samples: 0, failed: 2, timed_out: 1, cancelled: 1, crashed: 0 }]);
});

test('without any estimate a job has priority 0.5', async ({ db }) => {
  const [job] = await submitted(db.pool, { type: 'mine' });
  expect(job).toMatchObject({ predicted_runtime_ms: 3_000, priority: 0.5 });
});

test('the role learns while it runs; its estimates stay in use when it is gone', async ({ db }) => {
  const config = readConfig({ DATABASE_URL: db.url, RAVENMQ_PREDICTOR_PORT: '0' });
  const predictor = createPredictor({ pool: db.pool, config, log: silentLogger });
  const { port } = await predictor.start();
  try {
    for (let n = 0; n < 12; n++) await ran(db.pool, 50, { name: 'a' });
    await eventually(async () => {
      const { rows } = await db.pool.query(`select samples from estimate where name = 'a'`);
      return rows[0]?.samples === 12;
    });
    const health = await fetch(`http://${config.host}:${port}/health`);
    expect(await health.json()).toEqual({ status: 'ok', model_trained: true });
  } finally {
    await predictor.stop();
  }

  await ran(db.pool, 50, { name: 'a' });
  expect(await predicted(db.pool, { name: 'a' })).toBeLessThan(75);
});

test('a start keeps what was learned of the built-in types', async ({ db }) => {
  await publishPriors(db.pool);
  for (let n = 0; n < 12; n++) await ran(db.pool, 20, { type: 'http', orgId: acme });
  await learnFromLogs(db.pool);
  await publishPriors(db.pool);

  expect(await predicted(db.pool, { type: 'http', orgId: globex })).toBeLessThan(60);
});

test('every run counts once over restarts and with several predictors at once', async ({ db }) => {
  for (let n = 0; n < 40; n++) await ran(db.pool, 10);
  await Promise.all(Array.from({ length: 5 }, () => learnFromLogs(db.pool)));
  await learnFromLogs(db.pool);

  const { rows } = await db.pool.query(`select samples from series_stat where name = 'noop'`);
  expect(rows).toEqual([{ samples: 40 }]);
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

test('a tenant at the cap gets a new series for its oldest one', async ({ db }) => {
  const fill = (table: string, columns: string, values: string) =>
    db.pool.query(
      `insert into ${table} (tenant_id, type, name, ${columns})
       select $1, 'noop', 'old ' || n, ${values} from generate_series(1, 5000) n`,
      [acme],
    );
  await fill('series_stat', 'samples, updated_at', `1, now() - n * interval '1 minute'`);
  await fill('estimate', 'samples, p50_ms, p90_ms, mean_ms', '1, 7, 7, 7');
  await ran(db.pool, 10, { name: 'new' });
  await learnFromLogs(db.pool);

  for (const table of ['series_stat', 'estimate']) {
    const { rows } = await db.pool.query(
      `select count(*) as series, bool_or(name = 'new') as new, bool_or(name = 'old 5000') as oldest
       from ${table} where tenant_id = $1 and name <> ''`,
      [acme],
    );
    expect(rows).toEqual([{ series: 5_000, new: true, oldest: false }]);
  }
  expect(await predicted(db.pool, { name: 'old 4999' })).toBe(7);
  expect(await predicted(db.pool, { name: 'old 5000' })).toBeGreaterThan(7);
});

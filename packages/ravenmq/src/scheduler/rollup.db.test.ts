import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, leadership, submitted } from '../../test/jobs.ts';
import { durationBuckets } from '../jobs/metrics.ts';
import { foldOldMinutes, rollUpAttempts } from './rollup.ts';

const firstBounds = durationBuckets.slice(0, 3).map((seconds) => seconds * 1_000);

test('runs are counted once into the bounds that they are within, a bound itself included', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  const [lowest = 0, , third = 0] = firstBounds;
  const beyond = (durationBuckets.at(-1) ?? 0) * 1_000 + 1;
  const run = async (runtimes: number[]) => {
    await submitted(db.pool, ...runtimes.map(() => ({})));
    const jobs = await claim(db.pool, { count: runtimes.length });
    await finish(db.pool, ...jobs.map((job, n) => aFinish(job, { runtimeMs: runtimes[n] as number })));
    await rollUpAttempts(db.pool, guard);
  };

  await run([lowest, lowest + 0.001]);
  await run([third, beyond]);
  await rollUpAttempts(db.pool, guard);

  const { rows } = await db.pool.query('select counts, sum_seconds from job_duration');
  const all = Array.from({ length: durationBuckets.length + 1 }, () => 3);
  expect(rows[0].counts.map(Number)).toEqual([1, 2, ...all.slice(3), 4]);
  expect(rows[0].sum_seconds).toBeCloseTo((2 * lowest + 0.001 + third + beyond) / 1_000);
  const stats = await db.pool.query(
    'select sum(done)::int as done, sum(ape_count)::int as apes from stats_minute',
  );
  expect(stats.rows).toEqual([{ done: 4, apes: 4 }]);
});

test('minutes of more than a week ago become days, and no sum changes', async ({ db }) => {
  const guard = await leadership(db.pool);
  await db.pool.query(
    `insert into stats_minute (minute, tenant_id, type, done, failed, attempts, wait_ms_sum, ape_sum, ape_count)
     select minute, $1, 'http', 1, 2, 3, 4.5, 0.25, 1
     from generate_series(date_trunc('day', now(), 'UTC') - interval '11 days', now(), '1 hour') as minute`,
    [acme],
  );
  const read = async () =>
    (
      await db.pool.query(
        `select count(*)::int as rows, count(*) filter (where minute < now() - interval '8 days')::int as old,
           sum(done)::int as done, sum(failed)::int as failed, sum(attempts)::int as attempts,
           sum(wait_ms_sum) as waits, sum(ape_sum) as apes, sum(ape_count)::int as ape_count
         from stats_minute`,
      )
    ).rows[0];
  const before = await read();

  await foldOldMinutes(db.pool, guard);
  await foldOldMinutes(db.pool, guard);

  const after = await read();
  expect({ ...after, rows: 0, old: 0 }).toEqual({ ...before, rows: 0, old: 0 });
  // Days 11, 10 and 9 back whole, and of the eighth what is older than eight times 24 hours.
  expect(after.old).toBe(before.old <= 72 ? 3 : 4);
  expect(before.rows - after.rows).toBe(before.old - after.old);
});

test('who does not lead any more folds nothing', async ({ db }) => {
  const old = await leadership(db.pool);
  await leadership(db.pool);
  await db.pool.query(
    `insert into stats_minute (minute, tenant_id, type) values ('2020-01-01 10:10Z', $1, 'http')`,
    [acme],
  );
  await foldOldMinutes(db.pool, old);
  expect((await db.pool.query(`select minute from stats_minute`)).rows[0].minute).toEqual(
    '2020-01-01T10:10:00Z',
  );
});

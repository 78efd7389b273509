import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { aFinish, claim, finish, leadership, submitted } from '../../test/jobs.ts';
import { durationBuckets } from '../jobs/metrics.ts';
import { rollUpAttempts } from './rollup.ts';

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

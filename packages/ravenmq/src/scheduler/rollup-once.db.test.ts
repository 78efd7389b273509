import { expect } from 'vitest';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { aFinish, claim, finish, leadership, submitted } from '../../test/jobs.ts';
import { settled } from '../../test/settled.ts';
import { rollUpAttempts } from './rollup.ts';

async function runJobs({ pool }: TestDatabase, count: number): Promise<void> {
  await submitted(pool, ...Array.from({ length: count }, () => ({})));
  await finish(pool, ...(await claim(pool, { count })).map((job) => aFinish(job)));
  await settled(pool);
}

const counted = async ({ pool }: TestDatabase) =>
  (
    await pool.query(
      'select coalesce(sum(done), 0)::int as done, sum(runtime_ms_sum) as ms from stats_minute',
    )
  ).rows[0];

test('every attempt is added to the statistics once, however often and by however many', async ({ db }) => {
  const guard = await leadership(db.pool);
  await runJobs(db, 20);

  for (let n = 0; n < 3; n++) await rollUpAttempts(db.pool, guard);
  expect(await counted(db)).toEqual({ done: 20, ms: 100 });
  await runJobs(db, 10);
  await Promise.all(Array.from({ length: 4 }, () => rollUpAttempts(db.pool, guard)));
  await rollUpAttempts(db.pool, guard);

  expect(await counted(db)).toEqual({ done: 30, ms: 150 });
});

test('an old leader adds nothing', async ({ db }) => {
  const old = await leadership(db.pool);
  const guard = await leadership(db.pool);
  await runJobs(db, 5);

  await rollUpAttempts(db.pool, old);
  expect((await counted(db)).done).toBe(0);
  await rollUpAttempts(db.pool, guard);
  expect((await counted(db)).done).toBe(5);
});

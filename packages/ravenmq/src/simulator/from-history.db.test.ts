import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, submitted } from '../../test/jobs.ts';
import { compare } from './compare.ts';
import { readHistory } from './from-history.ts';

test('the jobs that succeeded are a trace, in the order in which they became ready', async ({ db }) => {
  const jobs = await submitted(
    db.pool,
    { name: 'first', type: 'build', variant: 'main', sizeHint: 7, timeoutMs: 60_000 },
    { name: 'second', type: 'build' },
    { name: 'third', type: 'build', maxRetries: 0 },
    { name: 'still waiting', type: 'build' },
  );
  const claimed = await claim(db.pool, { count: 3 });
  const named = new Map(claimed.map((job) => [job.name, job]));
  await finish(
    db.pool,
    aFinish(named.get('second') as (typeof claimed)[number], { runtimeMs: 20 }),
    aFinish(named.get('first') as (typeof claimed)[number], { runtimeMs: 0 }),
    aFinish(named.get('third') as (typeof claimed)[number], { outcome: 'failed', errorMsg: 'no' }),
  );

  const rows = await readHistory(db.pool, { days: 1, limit: 10 });

  const { rows: ready } = await db.pool.query<{ ms: number }>(
    'select extract(epoch from ready_at)::float8 * 1e3 as ms from jobs order by id',
  );
  const common = { tenant: acme, user: '', type: 'build' };
  expect(rows).toEqual([
    {
      ...common,
      id: jobs[0]?.id,
      name: 'first',
      submitMs: ready[0]?.ms,
      runtimeMs: 0.01,
      variant: 'main',
      sizeHint: 7,
      requestedMs: 60_000,
    },
    {
      ...common,
      id: jobs[1]?.id,
      name: 'second',
      submitMs: ready[1]?.ms,
      runtimeMs: 20,
      variant: '',
      sizeHint: undefined,
      requestedMs: undefined,
    },
  ]);
  expect(await readHistory(db.pool, { days: 1, limit: 1 })).toHaveLength(1);
});

test('it can be replayed', async ({ db }) => {
  await submitted(
    db.pool,
    ...Array.from({ length: 40 }, (_, n) => ({ name: `job ${n % 4}`, type: 'build' })),
  );
  for (const [n, job] of (await claim(db.pool, { count: 40 })).entries())
    await finish(db.pool, aFinish(job, { runtimeMs: 10 + (n % 4) * 500 }));

  const { results } = compare({
    rows: await readHistory(db.pool, { days: 1, limit: 100 }),
    slots: 2,
    load: 'moderate',
    policies: ['fifo', 'adaptive-oracle'],
    predictors: [],
    seeds: [0],
  });
  expect(results.map(({ policy }) => policy)).toEqual(['fifo', 'adaptive-oracle']);
  expect(results[1]?.gap.wait).toBeGreaterThan(50);
});

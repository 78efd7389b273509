import fc from 'fast-check';
import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { policies, priorityOf, rankBy, type Waiting } from './policies.ts';

const aWaitingJob = fc.record({
  readyAtMs: fc.integer({ min: 1.6e12, max: 2.1e12 }),
  p50Ms: fc.double({ min: 0.1, max: 1e8, noNaN: true }),
  p90Ms: fc.double({ min: 0.1, max: 1e9, noNaN: true }),
  meanMs: fc.double({ min: 0.1, max: 1e9, noNaN: true }),
  weight: fc.double({ min: 1e-4, max: 1_000, noNaN: true }),
  deadlineMs: fc.option(fc.integer({ min: 1.59e12, max: 2.2e12 }), { nil: undefined }),
  stretch: fc.constantFrom(0, 10, 320, 1_280),
});

/** The last digit of a double, in microseconds since 1970 and in sums of them. */
const rounding = 2;

test('the replay ranks as the database does, in every policy', async ({ db }) => {
  const ranked = async (jobs: Waiting[], policy: string) => {
    const column = <T>(of: (job: Waiting) => T) => jobs.map(of);
    const { rows } = await db.pool.query<{ rank: number; priority: number }>(
      `select rank_of($1, to_timestamp(ready / 1e3), p90, mean, weight, to_timestamp(deadline / 1e3), stretch)
         as rank, priority_of(p50) as priority
       from unnest($2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[])
         with ordinality as j(ready, p50, p90, mean, weight, deadline, stretch, n) order by n`,
      [
        policy,
        column(({ readyAtMs }) => readyAtMs),
        column(({ p50Ms }) => p50Ms),
        column(({ p90Ms }) => p90Ms),
        column(({ meanMs }) => meanMs),
        column(({ weight }) => weight),
        column(({ deadlineMs }) => deadlineMs ?? null),
        column(({ stretch }) => stretch),
      ],
    );
    return rows;
  };

  await fc.assert(
    fc.asyncProperty(fc.array(aWaitingJob, { minLength: 50, maxLength: 50 }), async (jobs) => {
      for (const policy of policies) {
        const rows = await ranked(jobs, policy);
        rows.forEach(({ rank, priority }, n) => {
          const job = jobs[n] as Waiting;
          expect(Math.abs(rank - rankBy[policy](job, 0)), policy).toBeLessThanOrEqual(rounding);
          expect(Number.isSafeInteger(rank)).toBe(true);
          expect(priority).toBeCloseTo(priorityOf(job.p50Ms), 12);
        });
      }
    }),
    { numRuns: 20 },
  );
});

test('what the guard brings forward lies before every rank there can be, the oldest first', async ({
  db,
}) => {
  const { rows } = await db.pool.query(
    `select guarded_rank('2026-01-01') as older, guarded_rank('2026-01-02') as younger,
       rank_of('priority', '2026-01-01', 1, 1, 1000, null, 10) as heaviest,
       is_guarded(rank_of('priority', '2026-01-01', 1, 1, 1000, null, 10)) as not_this,
       is_guarded(guarded_rank('2110-01-01')) as this`,
  );
  const [{ older, younger, heaviest, not_this: other, this: one }] = rows as [
    Record<'older' | 'younger' | 'heaviest' | 'not_this' | 'this', never>,
  ];
  expect(older).toBeLessThan(younger);
  expect(younger).toBeLessThan(heaviest);
  expect([other, one]).toEqual([false, true]);
});

import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { seeded } from '../predictor/net/random.ts';
import { priorityOf } from './policies.ts';
import { startBy } from './start-by.ts';

test('the replay ranks as the database does', async ({ db }) => {
  const random = seeded(1);
  const jobs = Array.from({ length: 60 }, (_, n) => {
    const readyAtMs = Math.floor(1.7e12 + random() * 1e9);
    const meanMs = 10 ** (random() * 8 - 1);
    return {
      readyAtMs,
      meanMs,
      p90Ms: meanMs * (1 + random()),
      weight: 10 ** (random() * 3 - 1),
      deadlineMs: n % 3 === 0 ? undefined : Math.floor(readyAtMs + (random() - 0.2) * 1e8),
      stretch: [0, 10, 320][n % 3] as number,
    };
  });

  for (const job of jobs) {
    const { rows } = await db.pool.query<{ rank: string; priority: number }>(
      `select start_by(to_timestamp($1::float8 / 1e3), $2, $3, $4, to_timestamp($5::float8 / 1e3), $6)::text as rank,
         priority_of($2) as priority`,
      [job.readyAtMs, job.meanMs, job.p90Ms, job.weight, job.deadlineMs ?? null, job.stretch],
    );
    const [{ rank, priority }] = rows as [(typeof rows)[number]];
    expect(Math.abs(Number(rank) / 1_000 - startBy(job, job.stretch))).toBeLessThan(0.01);
    expect(priority).toBeCloseTo(priorityOf(job.meanMs), 12);
  }
});

/**
 * 20,000 jobs of 50 keys with limits of 1 to 5, and workers of which some batches are lost and some end too late; how
 * fast the same is without faults, and without limits.
 */
import { migrate } from '../../packages/ravenmq/src/db/migrate.ts';
import { limitStorm } from '../../packages/ravenmq/test/limit-storm.ts';
import { type Line, linesOf } from '../line.ts';
import { pools } from '../ours/database.ts';
import { round } from '../spread.ts';
import type { Stage } from '../stage.ts';

export async function limits(stage: Stage, scale: number): Promise<Line[]> {
  const jobs = Math.max(500, 20_000 * scale);
  const storm = async (name: string, keys: number, lost: number) => {
    const pool = pools(stage.databaseUrl, 10, `bench_limits_${name}`);
    await migrate(pool, `bench_limits_${name}`);
    const outcome = await limitStorm(pool, { jobs, keys, workers: 4, lost, random: Math.random });
    await pool.end();
    return outcome;
  };
  const faulty = await storm('faulty', 50, 0.01);
  const limited = await storm('limited', 50, 0);
  const free = await storm('free', 0, 0);
  for (const violation of [...faulty.violations, ...limited.violations]) console.error(violation);
  const figures = {
    violations: faulty.violations.length + limited.violations.length,
    faults: faulty.faults,
    with_limits_per_s: round(limited.jobsPerS),
    without_limits_per_s: round(free.jobsPerS),
    ratio: round(limited.jobsPerS / free.jobsPerS, 2),
  };
  return linesOf(stage, 'limits', scale, new Map([['ravenmq', [figures]]]));
}

/** Where RavenMQ's own tables are in a benchmark, and how they are reached and emptied. */
import { connect, type Pool } from '../../packages/ravenmq/src/db/connect.ts';
import { silentLogger } from '../../packages/ravenmq/src/log.ts';

export const schema = 'bench_ravenmq';
export const organization = 'bench';

/** Whatever jobs leave behind; before every window. */
export const emptyTables = `truncate job_live, job_history, attempt, idempotency, turn, charge, slot,
  concurrency_limit, stats_minute, queue_depth_minute, job_duration, follower, organizations cascade`;

export const pools = (url: string, max: number, inSchema = schema): Pool =>
  connect({
    url,
    schema: inSchema,
    max,
    applicationName: 'bench',
    statementTimeoutMs: 600_000,
    log: silentLogger,
  });

export async function noneLeft(pool: Pool, table: string): Promise<boolean> {
  const { rows } = await pool.query(`select not exists (select from ${table}) as empty`);
  return rows[0]?.empty as boolean;
}

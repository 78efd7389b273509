import type { Pool } from '../db/connect.ts';

const daysAhead = 7;
const keepDays = 30;
const batch = 5_000;

/** Partitions for the week ahead exist; those older than the retention are dropped; the parents' statistics are fresh. */
export async function keepPartitions(pool: Pool): Promise<undefined> {
  const made = await pool.query<{ changed: number }>(
    'select ensure_partitions($1) + drop_old_partitions($2) as changed',
    [daysAhead, keepDays],
  );
  // Autovacuum never analyses a partitioned parent.
  if (made.rows[0]?.changed) await pool.query('analyze job_history, execution_logs');
  return undefined;
}

/** Idempotency keys past their time, windows of rate limits, depths older than a week. */
export async function forgetExpired(pool: Pool): Promise<'again' | undefined> {
  await pool.query(`delete from rate_limit where minute < now() - interval '1 hour'`);
  await pool.query(`delete from queue_depth_minute where minute < now() - interval '8 days'`);
  const { rowCount } = await pool.query(
    `delete from idempotency where (tenant_id, key) in (
       select tenant_id, key from idempotency where expires_at < now() limit $1 for update skip locked)`,
    [batch],
  );
  return (rowCount ?? 0) >= batch ? 'again' : undefined;
}

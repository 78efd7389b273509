import type { Queryable } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';

const daysAhead = 7;
const batch = 5_000;

/** Partitions for the week ahead exist; those older than the retention are dropped; the parents' statistics are fresh. */
export async function keepPartitions(db: Queryable, guard: Guard, keepDays: number): Promise<undefined> {
  const { rows } = await db.query<{ changed: number }>(
    'select ensure_partitions($2) + drop_old_partitions($3) as changed where leads($1)',
    [guard.term, daysAhead, keepDays],
  );
  // Autovacuum never analyses a partitioned parent.
  if (rows[0]?.changed) await db.query('analyze job_history, execution_logs');
}

/**
 * Idempotency keys past their time, windows of rate limits, depths older than a week, workers gone for a day, lanes
 * asleep for a day, and queues that nobody uses or has set anything for: a claim looks at every queue there is.
 */
export async function forgetExpired(db: Queryable, guard: Guard): Promise<'again' | undefined> {
  const guarded = (statement: string) => db.query(`${statement} and leads($1)`, [guard.term]);
  await guarded(`delete from rate_limit where minute < now() - interval '1 hour'`);
  await guarded(`delete from queue_depth_minute where minute < now() - interval '8 days'`);
  await guarded(`delete from worker_registry where last_seen < clock_timestamp() - interval '1 day'`);
  await guarded(`delete from turn where idle and touched_at < now() - interval '1 day'`);
  await guarded(
    `delete from queue q where not paused and created_at < now() - interval '1 day'
       and not exists (select from turn where queue = q.name)
       and not exists (select from concurrency_limit where scope = 'q:' || q.name)`,
  );
  const { rowCount } = await db.query(
    `delete from idempotency where (tenant_id, key) in (
       select tenant_id, key from idempotency where expires_at < now() limit $2 for update skip locked) and leads($1)`,
    [guard.term, batch],
  );
  return (rowCount ?? 0) >= batch ? 'again' : undefined;
}

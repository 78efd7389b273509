import type { QueryConfig } from 'pg';
import { type Pool, type Queryable, transaction } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';

const daysAhead = 7;
const lockNotAvailable = '55P03';
const batch = 5_000;
/** Statistics of a long history take longer than any other statement may, in milliseconds. */
const analyzeMs = 600_000;

/**
 * Longest wait for the lock that making and dropping a partition takes, in milliseconds: while it waits behind a long
 * reader, such as a backup, everyone who finishes a job waits behind it.
 */
const lockMs = 100;

/**
 * Partitions for the week ahead exist; those older than the retention are dropped; the parents' statistics are fresh.
 * When somebody reads the history for long it is left for the next time.
 */
export async function keepPartitions(db: Pool, guard: Guard, keepDays: number): Promise<undefined> {
  const { rows } = await db
    .query<{ changed: number }>(
      `select set_config('lock_timeout', '${lockMs}', true),
         ensure_partitions($2) + drop_old_partitions($3) as changed where leads($1)`,
      [guard.proof, daysAhead, keepDays],
    )
    .catch((error: { code?: string }) => {
      if (error.code === lockNotAvailable) return { rows: [] };
      throw error;
    });
  // Autovacuum never analyses a partitioned parent.
  if (rows[0]?.changed) {
    for (const table of ['job_history', 'attempt', 'job_log', 'job_metric']) {
      await transaction(db, async (client) => {
        await client.query(`set local statement_timeout = ${analyzeMs}`);
        await client.query({ text: `analyze ${table}`, query_timeout: analyzeMs } as QueryConfig);
      });
    }
  }
}

/**
 * Jobs that ended when the partition of their day was gone lie in the default partition, which is never dropped: there
 * retention counts from their end.
 */
export async function forgetLateFinishers(
  db: Queryable,
  guard: Guard,
  keepDays: number,
): Promise<'again' | undefined> {
  let most = 0;
  for (const [table, key, ended] of [
    ['job_history_default', 'id', 'finished_at'],
    ['attempt_default', 'ctid', 'logged_at'],
    ['job_log_default', 'ctid', 'at'],
    ['job_metric_default', 'ctid', 'at'],
  ]) {
    const { rowCount } = await db.query(
      `delete from ${table} where ${key} = any (array(
         select ${key} from ${table} where ${ended} < now() - make_interval(days => $2) limit $3)) and leads($1)`,
      [guard.proof, keepDays, batch],
    );
    most = Math.max(most, rowCount ?? 0);
  }
  return most >= batch ? 'again' : undefined;
}

/**
 * Idempotency keys past their time, windows of rate limits, depths older than a week, what-if answers of a month, workers
 * gone for a day, lanes asleep for a day, and queues that nobody uses or has set anything for: a claim looks at every
 * queue there is.
 */
export async function forgetExpired(db: Queryable, guard: Guard): Promise<'again' | undefined> {
  const guarded = (statement: string) => db.query(`${statement} and leads($1)`, [guard.proof]);
  await guarded(`delete from rate_limit where minute < now() - interval '1 hour'`);
  await guarded(`delete from queue_depth_minute where minute < now() - interval '8 days'`);
  await guarded(`delete from worker_registry where last_seen < clock_timestamp() - interval '1 day'`);
  await guarded(
    `delete from job_progress p where updated_at < now() - interval '1 hour'
       and not exists (select from job_live j where j.id = p.job_id)`,
  );
  await guarded(`delete from whatif where ended_at < now() - interval '30 days'`);
  await guarded(`delete from turn where idle and touched_at < now() - interval '1 day'`);
  await guarded(
    `delete from queue q where not paused and policy = 'adaptive' and promise_ms is null and created_at < now() - interval '1 day'
       and not exists (select from turn where queue = q.name)
       and not exists (select from concurrency_limit where scope = 'q:' || q.name)`,
  );
  await guarded('delete from queue_backlog b where not exists (select from queue where name = b.queue)');
  const { rowCount } = await db.query(
    `delete from idempotency where (tenant_id, key) in (
       select tenant_id, key from idempotency where expires_at < now() limit $2 for update skip locked) and leads($1)`,
    [guard.proof, batch],
  );
  return (rowCount ?? 0) >= batch ? 'again' : undefined;
}

import type { Queryable } from '../db/connect.ts';
import type { JobRow } from './job.ts';
import { getJob } from './list.ts';

const cancelText = `with waiting as materialized (
  select id from job_live where id = $1 and status in ('scheduled', 'queued') for update
),
gone as (delete from job_live j using waiting w where j.id = w.id returning j.*),
kept as (
  insert into job_history (id, tenant_id, org_id, user_id, queue, type, name, payload, status, priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, concurrency_key, fence, run_at,
    deadline, timeout_ms, retry_count, max_retries, crash_count, idempotency_key, labels, size_hint, variant,
    error_msg, created_at, finished_at)
  select id, tenant_id, org_id, user_id, queue, type, name, payload, 'cancelled', priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, concurrency_key, fence, run_at,
    deadline, timeout_ms, retry_count, max_retries, crash_count, idempotency_key, labels, size_hint, variant,
    error_msg, created_at, clock_timestamp()
  from gone
),
freed as (update slot set job_id = null from gone where gone.scopes is not null and slot.job_id = gone.id),
asked as (
  update job_live set cancel_requested = true
  where id = $1 and status = 'running' and not exists (select from waiting) returning id
)
select count(*)::int as cancelled from gone`;

// Once more, after the row is locked: the statement above may have waited for it while its gate was opened, and does
// not see the slots that it was given meanwhile.
const freeText =
  'update slot set job_id = null where job_id = $1 and not exists (select from job_live where id = $1)';

/**
 * Cancels a job that waits, or asks the worker of a running one to stop (it sees the request at its next renewal, or
 * at once when notified). Answers the job as it is then, 'finished' when it was too late, undefined when there is no
 * such job. Run it in a transaction, after the caller's right to the job was checked.
 */
export async function cancelJob(db: Queryable, id: string): Promise<JobRow | 'finished' | undefined> {
  const before = await getJob(db, id);
  if (!before) return undefined;
  if (before.finished_at !== null) return 'finished';
  const { rows } = await db.query<{ cancelled: number }>(cancelText, [id]);
  if (rows[0]?.cancelled === 1) await db.query(freeText, [id]);
  const after = await getJob(db, id);
  if (!after || after.status === 'cancelled' || after.cancel_requested) return after;
  return after.finished_at !== null ? 'finished' : cancelJob(db, id);
}

import type { Queryable } from '../db/connect.ts';
import type { JobRow } from './job.ts';
import { getJob } from './list.ts';
import { rankAnew } from './rank.ts';

const retryText = `with gone as (
  delete from job_history where id = $1 and status = 'failed' returning *
),
-- The attempt keeps its place among those that followers read.
kept as (
  insert into attempt (job_id, fence, attempt, tenant_id, queue, type, name, outcome, final, runtime_ms,
    predicted_runtime_ms, wait_ms, worker_id, size_hint, variant, error_msg, logged_at, xid)
  select id, fence, retry_count + 1, tenant_id, queue, type, name, outcome, true, runtime_ms, predicted_runtime_ms,
    greatest(0, date_part('epoch', started_at - ready_at) * 1000), worker_id, size_hint, variant, error_msg,
    finished_at, xid
  from gone where outcome is not null
),
back as (
  insert into job_live (id, tenant_id, org_id, user_id, queue, type, name, payload, status, priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, scopes, gate, concurrency_key, fence,
    run_at, deadline, timeout_ms, max_retries, idempotency_key, labels, size_hint, variant, error_msg, created_at)
  select id, tenant_id, org_id, user_id, queue, type, name, payload, 'queued', priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms,
    ${rankAnew('now.at', 'gone')}, now.at, l.scopes, array_to_string(l.scopes, '|'), concurrency_key, fence,
    run_at, deadline, timeout_ms, max_retries, idempotency_key, labels, size_hint, variant, error_msg, created_at
  from gone cross join lateral (select limited_scopes(queue, tenant_id, concurrency_key) as scopes) l
    cross join (select clock_timestamp() as at) now
  returning queue, tenant_id
)
select wake_lane(queue, tenant_id) from back`;

/**
 * Takes a job that failed for good back into its queue with all its retries: same id, and the fence counts on, so
 * that a late finish of an old attempt is still refused.
 */
export async function retryJob(db: Queryable, id: string): Promise<JobRow | 'not_failed' | undefined> {
  // The transaction's id before the limits are looked at: whoever sets one waits for smaller ids.
  await db.query('select pg_current_xact_id()');
  const { rowCount } = await db.query(retryText, [id]);
  const job = await getJob(db, id);
  return job && rowCount === 0 ? 'not_failed' : job;
}

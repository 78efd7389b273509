/**
 * Expired leases: the worker died, or was paused too long. A job that had started used an attempt and, while it has
 * one left, goes back to its queue; one that had not started goes back without. The fence is untouched, and the next
 * claim raises it, so the old worker's late finish is refused. A job that keeps killing its workers before they can
 * report the start ends as failed too.
 */
import { type Queryable, retryTransient } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';
import type { MadeReady } from './job.ts';
import { rankAgain } from './rank.ts';

/** Leases a job may lose beyond its retries, counting those lost before the start was reported. */
const spareLeases = 3;

const expired = `select id from job_live
  where status = 'running' and lease_expires_at < clock_timestamp() and leads($1)
  order by id limit $2 for update skip locked`;

const out = `j.cancel_requested or (j.started_at is not null and j.retry_count >= j.max_retries)
  or j.crash_count >= j.max_retries + ${spareLeases}`;

const requeueText = `with expired as materialized (${expired}),
lost as materialized (
  select j.* from job_live j join expired e on j.id = e.id where not (${out})
),
back as (
  update job_live j set status = 'queued', worker_id = null, lease_expires_at = null, started_at = null,
    rank = ${rankAgain}, crash_count = j.crash_count + 1,
    retry_count = j.retry_count + case when l.started_at is null then 0 else 1 end,
    error_msg = case when l.started_at is null then j.error_msg else 'the worker ' || l.worker_id || ' died' end
  from lost l where j.id = l.id
  returning j.id, j.queue, j.tenant_id, j.rank
),
logged as (
  insert into attempt (job_id, fence, attempt, tenant_id, queue, type, name, outcome, final, runtime_ms,
    predicted_runtime_ms, wait_ms, worker_id, size_hint, variant, error_msg, logged_at)
  select id, fence, retry_count + 1, tenant_id, queue, type, name, 'crashed', false,
    extract(epoch from clock_timestamp() - started_at) * 1000, predicted_runtime_ms,
    greatest(0, extract(epoch from started_at - ready_at) * 1000), worker_id, size_hint, variant,
    'the worker died', clock_timestamp()
  from lost where started_at is not null
),
woken as (
  select wake_lane(queue, tenant_id) from (select distinct queue, tenant_id from back order by 1, 2) lane
)
select count(*) as count, min(rank) as "firstRank", (select count(*) from woken) as lanes from back`;

const giveUpText = `with expired as materialized (${expired}),
gone as (
  delete from job_live j using expired e where j.id = e.id and (${out}) returning j.*
),
kept as (
  insert into job_history (id, tenant_id, org_id, user_id, queue, type, name, payload, status, priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, concurrency_key, fence, worker_id,
    run_at, deadline, timeout_ms, retry_count, max_retries, crash_count, idempotency_key, labels, size_hint, variant,
    error_msg, outcome, runtime_ms, created_at, started_at, finished_at)
  select id, tenant_id, org_id, user_id, queue, type, name, payload,
    case when cancel_requested then 'cancelled' else 'failed' end, priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, concurrency_key, fence, worker_id,
    run_at, deadline, timeout_ms, retry_count, max_retries, crash_count + 1, idempotency_key, labels, size_hint,
    variant, 'the worker ' || worker_id || ' died while it held the job',
    case when started_at is null then null when cancel_requested then 'cancelled' else 'crashed' end,
    date_part('epoch', clock_timestamp() - started_at) * 1000, created_at, started_at, clock_timestamp()
  from gone
),
freed as (update slot set job_id = null from gone where gone.scopes is not null and slot.job_id = gone.id)
select count(*) as count, null::bigint as "firstRank" from gone`;

/** Takes back at most `limit` jobs of either kind whose lease expired. Pure SQL: it knows no handlers. */
export async function reclaimExpired(db: Queryable, guard: Guard, limit: number): Promise<MadeReady> {
  let count = 0;
  let firstRank: number | null = null;
  for (const text of [giveUpText, requeueText]) {
    const { rows } = await retryTransient(() =>
      db.query<MadeReady & Record<string, unknown>>(text, [guard.proof, limit]),
    );
    const some = rows[0] as MadeReady;
    count += some.count;
    firstRank = some.firstRank;
  }
  return { count, firstRank };
}

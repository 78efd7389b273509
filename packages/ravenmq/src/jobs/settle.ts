/**
 * Attempts that are not the last: retry (running to scheduled) and release (running to queued, as if the claim had
 * never been). Both guarded by (id, fence, status = running); both answer the ids that won. A job that somebody asked
 * to cancel goes back to no queue: toCancel finds those among the rest, and they are finished instead.
 */
import { columnOf } from '../db/arrays.ts';
import { type Queryable, retryTransient } from '../db/connect.ts';
import { isHeld } from './job.ts';
import { rankAgain, rankAnew } from './rank.ts';

export interface Retry {
  id: string;
  fence: number;
  outcome: 'failed' | 'timed_out';
  startedAt: string;
  runtimeMs: number;
  errorMsg: string;
  delayMs: number;
}

const retryText = `with failed as materialized (
  select * from retries_of($1, $2, $3, $4, $5, $6, $7)
),
back as (
  update job_live j
  set status = 'scheduled', retry_count = j.retry_count + 1, worker_id = null, lease_expires_at = null,
    started_at = null, error_msg = f.error_msg, run_at = t.at, ready_at = t.at,
    rank = ${rankAnew('t.at')}
  from failed f
  cross join lateral (select clock_timestamp() + f.delay_ms * interval '1 millisecond' as at) t
  where j.id = any ($1) and j.id = f.id and j.fence = f.fence and ${isHeld}
    and not j.cancel_requested
  returning j.*, f.outcome, f.started_at as began_at, f.runtime_ms
),
logged as (
  insert into attempt (job_id, fence, attempt, tenant_id, queue, type, name, outcome, final, runtime_ms,
    predicted_runtime_ms, wait_ms, worker_id, size_hint, variant, error_msg, logged_at)
  select id, fence, retry_count, tenant_id, queue, type, name, outcome, false, runtime_ms, predicted_runtime_ms,
    0, $8, size_hint, variant, error_msg, clock_timestamp()
  from back
),
freed as (
  update slot set job_id = null from back where back.scopes is not null and slot.job_id = back.id
),
charged as (
  insert into charge (queue, tenant_id, ms)
  select queue, tenant_id, sum(runtime_ms - predicted_runtime_ms) from back group by queue, tenant_id
)
select id from back`;

/** Puts failed attempts back for another, `delayMs` from now. Answers the ids whose lease was still held. */
export async function retryAttempts(db: Queryable, workerId: string, retries: Retry[]): Promise<string[]> {
  if (retries.length === 0) return [];
  const { rows } = await retryTransient(() =>
    db.query<{ id: string }>(retryText, [
      columnOf(retries, (retry) => retry.id),
      columnOf(retries, (retry) => retry.fence),
      columnOf(retries, (retry) => retry.outcome),
      columnOf(retries, (retry) => retry.startedAt),
      columnOf(retries, (retry) => retry.runtimeMs),
      columnOf(retries, (retry) => retry.errorMsg),
      columnOf(retries, (retry) => retry.delayMs),
      workerId,
    ]),
  );
  return rows.map((row) => row.id);
}

const released = `status = 'queued', worker_id = null, lease_expires_at = null, started_at = null,
  rank = ${rankAgain}`;

/** The lane gets its charge back, and may have fallen asleep meanwhile. */
const givenBack = `charged as (
    insert into charge (queue, tenant_id, ms, starts)
    select queue, tenant_id, -sum(predicted_runtime_ms), -count(*) from back group by queue, tenant_id
  ),
  woken as (
    select wake_lane(queue, tenant_id) from (select distinct queue, tenant_id from back order by 1, 2) lane
  )
  select id, (select count(*) from woken) from back`;

/** Gives claimed jobs back unused: no attempt counts, slots are kept, the lane gets its charge back. */
export async function releaseJobs(db: Queryable, claims: { id: string; fence: number }[]): Promise<string[]> {
  if (claims.length === 0) return [];
  const { rows } = await retryTransient(() =>
    db.query<{ id: string }>(
      `with given as materialized (select * from held_of($1, $2, null)),
      back as (
        update job_live j set ${released} from given g
        where j.id = any ($1) and j.id = g.id and j.fence = g.fence and ${isHeld}
          and not j.cancel_requested
        returning j.id, j.queue, j.tenant_id, j.predicted_runtime_ms
      ),
      ${givenBack}`,
      [columnOf(claims, (claim) => claim.id), columnOf(claims, (claim) => claim.fence)],
    ),
  );
  return rows.map((row) => row.id);
}

/**
 * Releases what this worker holds without knowing it: a claim whose answer was lost with its connection. `known` are
 * the ids the worker does know. A job that somebody asked to cancel is left to the leader, who ends it.
 */
export async function releaseUnknown(db: Queryable, workerId: string, known: string[]): Promise<number> {
  const { rowCount } = await db.query(
    `with back as (
      update job_live j set ${released}
      where status = 'running' and worker_id = $1 and not (id = any ($2::uuid[])) and not cancel_requested
      returning id, queue, tenant_id, predicted_runtime_ms
    ),
    ${givenBack}`,
    [workerId, known],
  );
  return rowCount ?? 0;
}

/** Which of these attempts are still held and asked to be cancelled. */
export async function toCancel(db: Queryable, attempts: { id: string; fence: number }[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select j.id from unnest($1::uuid[], $2::bigint[]) as a(id, fence)
     join job_live j on j.id = a.id and j.fence = a.fence
     where j.lease_expires_at is not null and j.cancel_requested`,
    [columnOf(attempts, (attempt) => attempt.id), columnOf(attempts, (attempt) => attempt.fence)],
  );
  return rows.map((row) => row.id);
}

/** Which of these attempts were recorded: asked when the answer to a finish was lost with its connection. */
export async function recordedAttempts(
  db: Queryable,
  attempts: { id: string; fence: number }[],
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select l.job_id as id from unnest($1::uuid[], $2::bigint[]) as a(id, fence)
     join execution_logs l on l.job_id = a.id and l.fence = a.fence
     where l.job_id = any ($1) and l.outcome <> 'crashed'`,
    [columnOf(attempts, (attempt) => attempt.id), columnOf(attempts, (attempt) => attempt.fence)],
  );
  return rows.map((row) => row.id);
}

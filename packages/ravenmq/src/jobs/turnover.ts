/**
 * The hot path: finish a batch of attempts and claim the next jobs, in one statement.
 *
 * Finish. Guarded by (id, fence, status = running): an attempt whose lease was lost deletes nothing, so nothing else
 * of it happens either, and its id comes back as refused. A finished row moves to the history, where it also stands
 * for its last attempt; its slots are freed; its lane is charged the difference between what it ran and what was
 * predicted.
 *
 * Claim. Lanes (one tenant's waiting work in one queue) in the order of their turns, in each the smallest ranks past
 * the caller's cursor, SKIP LOCKED, until enough are picked: the nested loop stops early, so neither the number of
 * lanes nor the backlog costs anything. MATERIALIZED, because a planner that runs the pick twice claims too many.
 * Paused queues and lanes are passed over; a job held back by a limit has a gate and is not in the ready index. The
 * claim raises the fence and lends the row for leaseMs. started_at is set at once for the jobs that get a free slot;
 * what is claimed beyond them is marked when it starts (renew.ts).
 *
 * Rows are found by `id = any(array)` and running ones by their lease (isHeld): so the generic plan of the prepared
 * statement walks the primary key, where a join would read the whole table for a batch it cannot size, or the index of
 * running rows for every finish.
 *
 * The lane's cursor skips index entries that are dead but cannot be vacuumed yet; the caller resets it whenever a
 * smaller rank may have arrived (worker/cursors.ts).
 */
import { crashpoint } from '../crashpoint.ts';
import { columnOf, pgArray } from '../db/arrays.ts';
import { type Queryable, retryTransient } from '../db/connect.ts';
import { isHeld } from './job.ts';

export type Outcome = 'done' | 'failed' | 'timed_out' | 'cancelled';

/** The last word on a job's attempt. Retries go through settle.ts. */
export interface Finish {
  id: string;
  fence: number;
  outcome: Outcome;
  /** Null when the handler never started (cancelled before). */
  startedAt: string | null;
  runtimeMs: number;
  errorMsg: string | null;
  /** JSON text, null for none. */
  result: string | null;
}

export interface Cursor {
  queue: string;
  tenantId: string;
  rank: number;
  id: string;
}

export interface ClaimRequest {
  workerId: string;
  leaseMs: number;
  /** How many jobs at most; 0 claims nothing. */
  count: number;
  /** How many of them start at once. */
  freeSlots: number;
  /**
   * Run time that may be claimed beyond the free slots, in milliseconds; null for any. A job counts with the mean of
   * its type in `means` (by type, in milliseconds), else with its prediction.
   */
  budgetMs: number | null;
  means: ReadonlyMap<string, number>;
  /** Only jobs predicted to take less than so many milliseconds; null: any. */
  underMs: number | null;
  /** Null: all queues; all types. */
  queues: string[] | null;
  types: string[] | null;
  /** How many lanes of a queue to look at. */
  lanes: number;
  /** Take an equal share from each lane looked at; otherwise as many as the first lanes have. */
  spread: boolean;
  cursors: Cursor[];
}

export interface ClaimedJob {
  id: string;
  fence: number;
  tenant_id: string;
  queue: string;
  type: string;
  name: string;
  payload: Record<string, unknown>;
  rank: number;
  timeout_ms: number | null;
  retry_count: number;
  max_retries: number;
  crash_count: number;
  predicted_runtime_ms: number;
  /** It holds slots of a concurrency limit. */
  limited: boolean;
  /** Its start is on record: it has a free slot. */
  started: boolean;
  /** Database time of the claim, milliseconds since 1970. */
  claimed_at: number;
}

export interface Turnover {
  /** Those with a free slot first, then by rank. */
  claimed: ClaimedJob[];
  /** Jobs that were waiting for this claim, at most its count; more than were claimed when the budget ended it. */
  offered: number;
  /** Finishes whose lease was lost. */
  refused: string[];
  /** Lanes that were looked at. */
  lanes: number;
  /** What finding the jobs took of the database's time, in milliseconds: the more, the more dead rows lay before them. */
  lookMs: number;
}

const finishCtes = `
finished as materialized (
  select id, fence, coalesce(outcome, 'done') as outcome, started_at, runtime_ms, error_msg, result
  from finishes_of($1, $2, $3, $4, $5, $6, $7)
),
gone as (
  delete from job_live j using finished f
  where j.id = any ($1) and j.id = f.id and j.fence = f.fence and ${isHeld}
  returning j.*, f.outcome, f.started_at as began_at, f.runtime_ms, f.error_msg as last_error, f.result
),
kept as (
  insert into job_history (id, tenant_id, org_id, user_id, queue, type, name, payload, status, priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, concurrency_key, fence, worker_id,
    run_at, deadline, timeout_ms, retry_count, max_retries, crash_count, idempotency_key, labels, size_hint, variant,
    error_msg, result, outcome, runtime_ms, created_at, started_at, finished_at)
  select id, tenant_id, org_id, user_id, queue, type, name, payload,
    case outcome when 'done' then 'done' when 'cancelled' then 'cancelled' else 'failed' end, priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, concurrency_key, fence, worker_id,
    run_at, deadline, timeout_ms, retry_count, max_retries, crash_count, idempotency_key, labels, size_hint, variant,
    coalesce(last_error, case when outcome <> 'done' then error_msg end), result::jsonb,
    case when began_at is not null then outcome end, case when began_at is not null then runtime_ms end, created_at, began_at, clock_timestamp()
  from gone
),
freed as (
  update slot set job_id = null from gone where gone.scopes is not null and slot.job_id = gone.id
)`;

const claimCtes = `
lanes as (
  select t.queue, t.tenant_id, c.rank, c.id
  from queue q
  cross join lateral (
    select queue, tenant_id, vtime from turn
    where queue = q.name and not idle and not paused order by vtime limit $13
  ) t
  left join unnest($15::text[], $16::uuid[], $17::bigint[], $18::uuid[]) as c(queue, tenant_id, rank, id)
    on c.queue = t.queue and c.tenant_id = t.tenant_id
  where not q.paused and ($11::text[] is null or q.name = any ($11))
    and not coalesce((select paused from everything where id = 1), false)
  order by t.vtime - q.vclock, random()
),
means as materialized (
  select * from unnest($20::text[], $21::float8[]) as m(type, ms)
),
offered as materialized (
  select j.id, row_number() over () as n, clock_timestamp() as seen_at,
    sum(case when $22::float8 is not null then
      coalesce((select ms from means m where m.type = j.type), j.predicted_mean_ms) end)
      over (rows unbounded preceding) as work_ms
  from lanes l
  cross join lateral (
    select id, type, predicted_mean_ms from job_live
    where status = 'queued' and gate is null and queue = l.queue and tenant_id = l.tenant_id
      and (rank, id) > (coalesce(l.rank, -9223372036854775808),
                        coalesce(l.id, '00000000-0000-0000-0000-000000000000'))
      and ($12::text[] is null or type = any ($12))
      and ($23::float8 is null or predicted_runtime_ms < $23)
    order by rank, id
    limit case when $14 then ceil($9::float8 / greatest(1, (select count(*) from lanes))) else $9 end
    for update skip locked
  ) j
  limit $9
),
-- The sum starts behind the jobs that have a slot: those are taken whatever they cost.
picked as materialized (
  select id, n from offered
  where n <= $19 or $22 is null
    or work_ms - coalesce((select work_ms from offered where n = $19), 0) <= $22
),
taken as (
  update job_live j
  set status = 'running', fence = j.fence + 1, worker_id = $8,
    lease_expires_at = clock_timestamp() + $10 * interval '1 millisecond',
    started_at = case when j.id = any (array(select id from picked where n <= $19)) then clock_timestamp() end
  where j.id = any (array(select id from picked))
  returning j.id, j.fence, j.tenant_id, j.queue, j.type, j.name, j.payload, j.rank, j.timeout_ms, j.retry_count,
    j.max_retries, j.crash_count, j.predicted_runtime_ms, j.scopes is not null as limited,
    j.started_at is not null as started
)`;

/** One text, whether a call finishes, claims or both: one plan, one prepared statement per connection. */
export const turnoverText = `with ${finishCtes}, ${claimCtes},
charged as (
  insert into charge (queue, tenant_id, ms, starts)
  select queue, tenant_id, sum(ms), sum(starts) from (
    select queue, tenant_id, runtime_ms - predicted_runtime_ms as ms, 0 as starts from gone
    union all
    select queue, tenant_id, predicted_runtime_ms, 1 from taken
  ) work group by queue, tenant_id
)
select id, fence, tenant_id, queue, type, name, payload, rank, timeout_ms, retry_count, max_retries, crash_count,
  predicted_runtime_ms, limited, started, null::json as summary
from taken
union all
select f.id, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
from finished f where not exists (select from gone g where g.id = f.id)
union all
select null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  (select json_build_object(
    'claimedAt', 1000 * date_part('epoch', clock_timestamp()),
    'lanes', (select count(*) from lanes),
    'offered', count(*),
    'lookMs', 1000 * date_part('epoch', coalesce(max(seen_at), clock_timestamp()) - statement_timestamp())
  ) from offered)`;

/** Parameters of turnoverText. */
export function turnoverValues(finishes: Finish[], claim: ClaimRequest): unknown[] {
  return [
    columnOf(finishes, (finish) => finish.id),
    columnOf(finishes, (finish) => finish.fence),
    columnOf(finishes, ({ outcome }) => (outcome === 'done' ? null : outcome)),
    columnOf(finishes, (finish) => finish.startedAt),
    columnOf(finishes, (finish) => finish.runtimeMs),
    columnOf(finishes, (finish) => finish.errorMsg),
    columnOf(finishes, (finish) => finish.result),
    claim.workerId,
    claim.count,
    claim.leaseMs,
    claim.queues,
    claim.types,
    claim.lanes,
    claim.spread,
    columnOf(claim.cursors, (cursor) => cursor.queue),
    columnOf(claim.cursors, (cursor) => cursor.tenantId),
    columnOf(claim.cursors, (cursor) => cursor.rank),
    columnOf(claim.cursors, (cursor) => cursor.id),
    claim.freeSlots,
    pgArray([...claim.means.keys()]),
    pgArray([...claim.means.values()]),
    claim.budgetMs,
    claim.underMs,
  ];
}

/** A claimed job has a fence; a refused finish has only its id; the summary comes last, alone. */
interface TurnoverRow extends Omit<ClaimedJob, 'fence'> {
  fence: number | null;
  [column: string]: unknown;
}

interface Summary {
  summary: { claimedAt: number; lanes: number; offered: number; lookMs: number };
}

/** Finishes attempts and claims jobs. Throws when more were claimed than asked for, which would mean a broken plan. */
export async function finishAndClaim(
  db: Queryable,
  finishes: Finish[],
  claim: ClaimRequest,
): Promise<Turnover> {
  const { rows } = await retryTransient(() => {
    const answer = db.query<TurnoverRow>({
      name: 'turnover',
      text: turnoverText,
      values: turnoverValues(finishes, claim),
    });
    if (finishes.length > 0) crashpoint('finish sent');
    return answer;
  });
  if (finishes.length > 0) crashpoint('finish answered');
  const { claimedAt, ...summary } = (rows.pop() as TurnoverRow & Summary).summary;
  const turnover: Turnover = { claimed: [], refused: [], ...summary };
  for (const row of rows) {
    row.claimed_at = claimedAt;
    if (row.fence === null) turnover.refused.push(row.id);
    else turnover.claimed.push(row as ClaimedJob);
  }
  if (turnover.claimed.length > claim.count) {
    throw new Error(`A claim of ${claim.count} returned ${turnover.claimed.length} jobs.`);
  }
  turnover.claimed.sort(byStart);
  return turnover;
}

/** An update returns its rows in no particular order. */
function byStart(a: ClaimedJob, b: ClaimedJob): number {
  if (a.started !== b.started) return a.started ? -1 : 1;
  return a.rank - b.rank || (a.id < b.id ? -1 : 1);
}

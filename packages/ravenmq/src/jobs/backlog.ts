/** What arrives and waits in every queue, as the leader looks at it, and what follows for the order. */
import type { Queryable } from '../db/connect.ts';
import type { ExpectedWait } from '../order/backlog-waits.ts';
import type { Policy } from '../order/policies.ts';
import type { Backlog } from '../order/stretch.ts';
import type { Guard } from '../workers/leader.ts';

export interface QueueBacklog {
  queue: string;
  policy: Policy;
  /** As jobs got it until now. */
  stretch: number;
  /** As people set it; null: to be reckoned. */
  promiseMs: number | null;
  backlog: Backlog;
  waits: ExpectedWait[];
  /** Submissions since the last look, and their predicted work in milliseconds. */
  count: number;
  predictedMs: number;
  /** Jobs that wait and may run, and their predicted work in milliseconds. */
  waiting: number;
  waitingMs: number;
  /** Of the workers that serve the queue. */
  slots: number;
}

/** Submissions that are read one by one; of more at once the newest stand for the others. */
const sample = 1_000;
/** A submission that was made so lately may not have been committed yet: many jobs on a busy machine. In milliseconds. */
const settledMs = 500;

const idMs = (id: string) => `('x' || substr(replace(${id}::text, '-', ''), 1, 12))::bit(48)::bigint`;
const newest = (
  table: string,
) => `select id, queue, predicted_mean_ms, '${table}' as place from ${table}, bounds
  where id >= $1::uuid and id < until order by id desc limit ${sample}`;

const readText = `with bounds as materialized (
  select uuid7_floor(clock_timestamp() - interval '${settledMs} milliseconds') as until
),
arrived as materialized ((${newest('job_live')}) union all (${newest('job_history')})),
scale as (
  select place, case when count(*) < ${sample} then 1
    else (${idMs('min(until::text)')} - ${idMs('$1::uuid')})::float8
      / greatest(1, ${idMs('min(until::text)')} - ${idMs('min(id::text)')}) end as factor
  from arrived, bounds group by place
),
arrivals as (
  select queue, sum(factor) as count, sum(predicted_mean_ms * factor) as predicted_ms
  from arrived join scale using (place) group by queue
),
waiting as (
  select queue, sum(jobs) as jobs, sum(predicted_ms) as ms from waiting_work() where not gated group by queue
)
select until, q.name as queue, q.policy, q.stretch, q.promise_ms as "promiseMs",
  json_build_object('peakMs', coalesce(b.peak_ms, 0), 'predictedMs', coalesce(b.predicted_ms, 0),
    'submissions', coalesce(b.submissions, 0)) as backlog,
  coalesce(b.waits, '[]') as waits, coalesce(a.count, 0) as count, coalesce(a.predicted_ms, 0) as "predictedMs",
  coalesce(w.jobs, 0)::int as waiting, coalesce(w.ms, 0) as "waitingMs",
  (select coalesce(sum(slots), 0)::int from worker_registry
   where status = 'active' and last_seen > clock_timestamp() - interval '15 seconds'
     and (queues is null or q.name = any (queues))) as slots
from bounds left join queue q on true
left join queue_backlog b on b.queue = q.name
left join arrivals a on a.queue = q.name
left join waiting w on w.queue = q.name`;

/**
 * All queues. `since` is where the last look ended (null: the first), `until` where this one did. It reads every
 * waiting job, so it is not to be asked all the time.
 */
export async function readBacklogs(
  db: Queryable,
  since: string | null,
): Promise<{ until: string; queues: QueueBacklog[] }> {
  const { rows } = await db.query<QueueBacklog & { until: string } & Record<string, unknown>>({
    name: 'backlogs',
    text: readText,
    values: [since],
  });
  // Without any queue there is one row, which only says when it was.
  const queues = rows.filter(({ queue }) => queue !== null);
  return { until: (rows[0] as { until: string }).until, queues };
}

export interface Reckoned {
  queue: string;
  backlog: Backlog;
  waits: ExpectedWait[];
  stretch: number;
  /** Who has waited so long goes first; null: nobody. */
  guardMs: number | null;
}

/** Keeps what was reckoned from the backlogs. Jobs that come from now on get the new stretch. */
export async function writeBacklogs(db: Queryable, guard: Guard, reckoned: Reckoned[]): Promise<void> {
  const column = <T>(of: (entry: Reckoned) => T) => reckoned.map(of);
  await db.query({
    name: 'write_backlogs',
    text: `with given as materialized (
      select * from unnest($2::text[], $3::float8[], $4::float8[], $5::float8[], $6::jsonb[], $7::float8[], $8::float8[])
        as g(queue, peak_ms, predicted_ms, submissions, waits, stretch, guard_ms)
      where leads($1)
    ),
    kept as (
      insert into queue_backlog as b (queue, peak_ms, predicted_ms, submissions, waits)
      select queue, peak_ms, predicted_ms, submissions, waits from given
      on conflict (queue) do update set peak_ms = excluded.peak_ms, predicted_ms = excluded.predicted_ms,
        submissions = excluded.submissions, waits = excluded.waits
      where (b.peak_ms, b.submissions) is distinct from (excluded.peak_ms, excluded.submissions)
    )
    update queue q set stretch = g.stretch, guard_ms = g.guard_ms from given g
    where q.name = g.queue and (q.stretch, q.guard_ms) is distinct from (g.stretch, g.guard_ms)`,
    values: [
      guard.proof,
      column(({ queue }) => queue),
      column(({ backlog }) => backlog.peakMs),
      column(({ backlog }) => backlog.predictedMs),
      column(({ backlog }) => backlog.submissions),
      column(({ waits }) => JSON.stringify(waits)),
      column(({ stretch }) => stretch),
      column(({ guardMs }) => guardMs),
    ],
  });
}

/** Of a burst, as many jobs as are ranked once more. */
const burst = 5_000;

/**
 * Jobs of adaptive queues that came after `since`, before anybody could know of the backlog that they are: they get the
 * queue's present stretch, as if it had grown job by job. Older ones keep theirs.
 */
export async function stretchArrivals(
  db: Queryable,
  guard: Guard,
  since: string,
  queues: string[],
): Promise<void> {
  await db.query({
    name: 'stretch_arrivals',
    text: `with arrived as materialized (
      select id from job_live where id >= $2::uuid and leads($1) order by id desc limit ${burst}
    ),
    locked as materialized (
      select id from job_live where id = any (array(select id from arrived)) and queue = any ($3)
        and status in ('queued', 'scheduled') and not is_guarded(rank) order by id for update skip locked
    )
    update job_live j set rank = rank_of(q.policy, j.ready_at, j.predicted_p90_ms, j.predicted_mean_ms, j.weight,
      j.deadline, q.stretch)
    from queue q
    where j.id = any (array(select id from locked)) and q.name = j.queue and q.policy = 'adaptive'`,
    values: [guard.proof, since, queues],
  });
}

import type { Queryable } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';
import type { MadeReady } from './job.ts';

/**
 * The guard: who has waited for the promise of its queue goes first in its lane, the oldest first. Each lane has a
 * credit of one job for every two that it started since the charges were last folded in, so that an overload, in which
 * everybody waits too long, does not turn the order into first come, first served. Only jobs that are older than the
 * promise are looked at, by their ids. Jobs that a limit holds back are not: nothing is gained by their place.
 */
export async function bringForwardOverdue(db: Queryable, guard: Guard, limit: number): Promise<MadeReady> {
  const { rows } = await db.query<MadeReady & Record<string, unknown>>({
    name: 'overdue',
    text: `with lanes as materialized (
      select t.queue, t.tenant_id, floor(t.guard_credit)::int as credit,
        clock_timestamp() - q.guard_ms * interval '1 millisecond' as before
      from queue q join turn t on t.queue = q.name
      where q.guard_ms is not null and not t.idle and t.guard_credit >= 1 and leads($1)
    ),
    overdue as materialized (
      select j.id from lanes l cross join lateral (
        select id from job_live
        where tenant_id = l.tenant_id and id < uuid7_floor(l.before) and queue = l.queue
          and status = 'queued' and gate is null and ready_at <= l.before and not is_guarded(rank)
        order by id limit l.credit for update skip locked
      ) j
      limit $2
    ),
    forward as (
      update job_live j set rank = guarded_rank(j.ready_at) where j.id = any (array(select id from overdue))
      returning j.queue, j.tenant_id, j.rank
    ),
    paid as (
      update turn t set guard_credit = t.guard_credit - f.jobs
      from (select queue, tenant_id, count(*) as jobs from forward group by queue, tenant_id) f
      where t.queue = f.queue and t.tenant_id = f.tenant_id
    )
    select count(*) as count, min(rank) as "firstRank" from forward`,
    values: [guard.proof, limit],
  });
  return rows[0] as MadeReady;
}

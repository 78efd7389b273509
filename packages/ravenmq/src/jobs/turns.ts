/**
 * The leader's part in fair share: charges are folded into the virtual times of the lanes, each queue's clock moves
 * to the lane that was served least, quiet empty lanes go idle, and lanes that sleep on ready jobs are woken.
 */
import type { Queryable } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';

/** Every start of a lane is half a job that the guard may bring forward; what is left over of that counts as one. */
export async function foldCharges(db: Queryable, guard: Guard): Promise<void> {
  await db.query({
    name: 'fold_charges',
    text: `with folded as (
      delete from charge where leads($1) returning queue, tenant_id, ms, starts
    )
    update turn t set vtime = greatest(t.vtime + f.ms / t.weight, 0), touched_at = now(),
      guard_credit = least(1, t.guard_credit) + greatest(0, f.starts) * 0.5
    from (select queue, tenant_id, sum(ms) as ms, sum(starts) as starts from folded group by queue, tenant_id) f
    where t.queue = f.queue and t.tenant_id = f.tenant_id`,
    values: [guard.proof],
  });
}

/** Each queue's clock moves to the lane that was served least. */
export async function advanceClocks(db: Queryable, guard: Guard): Promise<void> {
  await db.query({
    name: 'advance_clocks',
    text: `update queue q set vclock = c.now
      from (
        select queue, coalesce(min(vtime) filter (where not idle), max(vtime)) as now from turn group by queue
      ) c
      where c.queue = q.name and c.now > q.vclock and leads($1)`,
    values: [guard.proof],
  });
}

/**
 * One pass over the lanes: idle the empty ones, wake the strays, and give those that were made while somebody changed
 * their organization's share what they missed. It looks for the first ready job of every lane, over
 * all that is dead before it. `offset 0` keeps that a search: as a join it would read every job there is.
 */
export async function tendLanes(db: Queryable, guard: Guard): Promise<void> {
  await db.query({
    name: 'idle_lanes',
    text: `update turn t set idle = true
      where not idle and touched_at < now() - interval '1 second' and leads($1)
        and not exists (select from job_live j
          where j.status = 'queued' and j.gate is null and j.queue = t.queue and j.tenant_id = t.tenant_id
          offset 0)`,
    values: [guard.proof],
  });
  await db.query({
    name: 'copy_shares',
    text: `update turn t set weight = s.weight, paused = s.paused from share s
      where t.tenant_id = s.tenant_id and (t.weight, t.paused) <> (s.weight, s.paused) and leads($1)`,
    values: [guard.proof],
  });
  await db.query({
    name: 'wake_strays',
    text: 'select wake_strays() where leads($1)',
    values: [guard.proof],
  });
}

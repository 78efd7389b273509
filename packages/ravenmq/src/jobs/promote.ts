import type { Queryable } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';
import type { MadeReady } from './job.ts';

/**
 * Due jobs become ready, at most `limit`, the longest due first. Their rank was fixed when they were scheduled.
 */
export async function promoteDueJobs(db: Queryable, guard: Guard, limit: number): Promise<MadeReady> {
  const { rows } = await db.query<MadeReady & Record<string, unknown>>({
    name: 'promote',
    text: `with due as materialized (
      select id from job_live where status = 'scheduled' and run_at <= now() and leads($1)
      order by run_at limit $2 for update skip locked
    ),
    ready as (
      update job_live j set status = 'queued', gate = array_to_string(j.scopes, '|')
      from due d where j.id = d.id returning j.queue, j.tenant_id, j.rank
    ),
    woken as (
      select wake_lane(queue, tenant_id) from (select distinct queue, tenant_id from ready order by 1, 2) lane
    )
    select count(*) as count, min(rank) as "firstRank", (select count(*) from woken) as lanes from ready`,
    values: [guard.proof, limit],
  });
  return rows[0] as MadeReady;
}

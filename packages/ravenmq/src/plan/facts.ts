/** What decides now why a job does not run, for jobs that the plan does not list: read from the tables themselves. */
import type { Queryable } from '../db/connect.ts';
import type { Facts } from './reasons.ts';

/** Whether others are first is not known here: false. */
export interface Standing extends Facts {
  nowMs: number;
  /** Mean of its predicted run time. */
  meanMs: number;
  /** Of its scope. */
  limit: number | null;
}

/** Of a waiting job; engine's view, without row level security. Undefined when it does not wait any more. */
export async function readStanding(db: Queryable, id: string): Promise<Standing | undefined> {
  const { rows } = await db.query<Standing & Record<string, unknown>>({
    name: 'standing',
    text: `select extract(epoch from clock_timestamp())::float8 * 1e3 as "nowMs", j.predicted_mean_ms as "meanMs",
        j.status = 'scheduled' as scheduled, coalesce(j.run_at <= clock_timestamp(), false) as due, j.retry_count as "retryCount",
        exists (select from scheduler_leader where expires_at > clock_timestamp()) as "leaderLives",
        coalesce((select paused from queue where name = j.queue), false)
          or coalesce((select paused from everything where id = 1), false) as "queuePaused",
        coalesce((select paused from turn t where t.queue = j.queue and t.tenant_id = j.tenant_id), false) as "tenantPaused",
        exists (select from worker_registry w
          where w.status = 'active' and w.last_seen > clock_timestamp() - interval '15 seconds'
            and (w.queues is null or j.queue = any (w.queues)) and (w.types is null or j.type = any (w.types))) as "workerServes",
        full_limit.scope, full_limit.max as "limit",
        false as "othersFirst"
      from job_live j
      left join lateral (
        select case when f.full then l.scope else 'r:' || l.scope end as scope, l.max from unnest(j.scopes) as own(scope) join concurrency_limit l on l.scope = own.scope
        cross join lateral (select coalesce(
          l.max <= (select count(*) from slot s where s.scope = l.scope and s.job_id is not null), false) as full) f
        where j.gate is not null and (f.full or coalesce(tokens_of(l) < 1, false))
        order by not f.full, array_position(array['q', 't', 'k', 'r'], left(l.scope, 1)) limit 1
      ) full_limit on true
      where j.id = $1 and j.status in ('queued', 'scheduled')`,
    values: [id],
  });
  return rows[0];
}

/** How many jobs each of these limits lets run. */
export async function readLimits(db: Queryable, scopes: string[]): Promise<Map<string, number>> {
  if (scopes.length === 0) return new Map();
  const { rows } = await db.query<{ scope: string; max: number }>(
    'select scope, max from concurrency_limit where scope = any ($1) and max is not null',
    [scopes],
  );
  return new Map(rows.map(({ scope, max }) => [scope, max]));
}

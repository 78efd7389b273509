/** What a page shows of the present moment: the jobs that have not ended, in a few numbers. */
import type { Queryable } from '../db/connect.ts';

export interface LiveJobs {
  scheduled: number;
  queued: number;
  running: number;
  /** Predicted work of what is queued, in milliseconds. */
  queued_ms: number;
  /** Differs whenever a job was submitted, started or ended. */
  version: string;
}

/** Run it in a scope; `tenants` are the scope's, null for all. */
export async function readLiveJobs(db: Queryable, tenants: string[] | null): Promise<LiveJobs> {
  const newest = (condition: string) => `(select id from job_history ${condition} order by id desc limit 1)`;
  // One tenant at a time, as in the job list: each follows its own index.
  const ended = tenants ? tenants.map((_, n) => newest(`where tenant_id = $${n + 1}`)) : [newest('')];
  const { rows } = await db.query<LiveJobs & Record<string, unknown>>(
    `select l.scheduled, l.queued, l.running, l.queued_ms,
       concat_ws('.', l.scheduled, l.queued, l.running, l.starts, l.newest, ${ended.join(', ') || 'null'}) as version
     from (
       select count(*) filter (where status = 'scheduled')::float8 as scheduled,
         count(*) filter (where status = 'queued')::float8 as queued,
         count(*) filter (where status = 'running')::float8 as running,
         coalesce(sum(predicted_mean_ms) filter (where status = 'queued'), 0) as queued_ms,
         coalesce(sum(fence), 0)::float8 as starts, max(id::text) as newest
       from job_live
     ) l`,
    tenants ?? [],
  );
  return rows[0] as LiveJobs;
}

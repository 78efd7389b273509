import type { Queryable } from '../db/connect.ts';

export interface LimitRow {
  of: 'queue' | 'organization' | 'key';
  queue: string | null;
  /** The organization, or the person without one. */
  tenant_id: string | null;
  key: string | null;
  /** Jobs that may run at the same time; null: any number. */
  running: number | null;
  /** Slots that are taken: of jobs that run, or may as soon as a worker is free. */
  held: number;
  /** Jobs that wait for this limit, and perhaps for others too; counting stops at 10,000. */
  waiting: number;
  starts_per_second: number | null;
  burst: number | null;
}

/** Limits that are in force, of these tenants or (null) of everyone, queues among them. */
export async function listLimits(db: Queryable, tenants: string[] | null): Promise<LimitRow[]> {
  const { rows } = await db.query<LimitRow & Record<string, unknown>>(
    `select case left(scope, 1) when 'q' then 'queue' when 't' then 'organization' else 'key' end as of,
       case when scope like 'q:%' then substr(scope, 3) end as queue,
       case when scope not like 'q:%' then substr(scope, 3, 36)::uuid end as tenant_id,
       case when scope like 'k:%' then substr(scope, 40) end as key,
       max as running, starts_per_s as starts_per_second, burst,
       (select count(*) from slot where slot.scope = l.scope and job_id is not null)::int as held,
       (select count(*) from (
         select from job_live where gate is not null and l.scope = any (scopes) limit 10000) c)::int as waiting
     from concurrency_limit l
     where (max is not null or starts_per_s is not null)
       and ($1::text[] is null or (scope not like 'q:%' and substr(scope, 3, 36) = any ($1)))
     order by scope limit 1000`,
    [tenants],
  );
  return rows;
}

/** The whole state of a small system in one query. */
import type { Queryable } from '../../src/db/connect.ts';
import type { Status } from '../../src/jobs/job.ts';

export interface ObservedJob {
  id: string;
  place: 'live' | 'history';
  tenant: string;
  queue: string;
  type: string;
  status: Status;
  fence: number;
  retries: number;
  crashes: number;
  cancel_requested: boolean;
  worker: string | null;
  started: boolean;
  leased: boolean;
  rank: number;
  gate: string | null;
  scopes: string[] | null;
  /** Fence and outcome of every attempt on record. */
  attempts: string[];
}

export interface Observed {
  jobs: ObservedJob[];
  /** Slots that somebody holds. */
  slots: { scope: string; n: number; job_id: string }[];
  limits: { scope: string; max: number; slots: number }[];
}

export async function observe(db: Queryable): Promise<Observed> {
  const list = (from: string) => `(select coalesce(json_agg(t), '[]') from (${from}) t)`;
  const { rows } = await db.query<Record<keyof Observed, never[]>>({
    name: 'observe',
    text: `select ${list(`
        select *, array(select fence || ':' || outcome from execution_logs where job_id = job.id order by fence)
          as attempts
        from (
          select id, 'live' as place, tenant_id as tenant, queue, type, status, fence, retry_count as retries,
            crash_count as crashes, cancel_requested, worker_id as worker, started_at is not null as started,
            lease_expires_at is not null as leased, rank, gate, scopes
          from job_live
          union all
          select id, 'history', tenant_id, queue, type, status, fence, retry_count, crash_count, false, worker_id,
            started_at is not null, false, rank, null, null
          from job_history
        ) job`)} as jobs,
      ${list('select scope, n, job_id from slot where job_id is not null')} as slots,
      ${list(`select scope, max,
        (select count(*) from slot s where s.scope = l.scope and n <= l.max) as slots
        from concurrency_limit l where max is not null`)} as limits`,
  });
  return rows[0] as Observed;
}

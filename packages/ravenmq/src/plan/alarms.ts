/** When a prediction says that something is wrong: a run far past its p90, a deadline that will be missed. */
import type { Queryable } from '../db/connect.ts';
import { type Range, rangeOf } from './range.ts';

/** A run counts as far too long past twice its p90 and a second: short jobs miss their p90 for nothing. */
export const isFarOver = (elapsedMs: number, p90Ms: number): boolean => elapsedMs > 2 * p90Ms + 1_000;

/** The same in SQL, of a row `j` of job_live. */
const isFarOverSql = `(j.status = 'running'
  and clock_timestamp() - j.started_at > (2 * j.predicted_p90_ms + 1000) * interval '1 millisecond')`;

/** Of each kind that are listed. */
const most = 200;

export interface LongRun {
  job_id: string;
  name: string;
  type: string;
  queue: string;
  worker_id: string;
  started_at: string;
  elapsed_ms: number;
  p90_ms: number;
}

/** The longest past their time first. `tenants` null: everybody's. */
export async function listLongRuns(db: Queryable, tenants: string[] | null): Promise<LongRun[]> {
  const { rows } = await db.query<LongRun & Record<string, unknown>>({
    name: 'long_runs',
    text: `select * from (
        select id as job_id, name, type, queue, worker_id, started_at, predicted_p90_ms as p90_ms,
          extract(epoch from clock_timestamp() - started_at)::float8 * 1e3 as elapsed_ms
        from job_live j where ${isFarOverSql} and ($1::uuid[] is null or tenant_id = any ($1))
      ) long order by elapsed_ms / greatest(p90_ms, 1) desc limit $2`,
    values: [tenants, most],
  });
  return rows;
}

export interface RiskyDeadline {
  job_id: string;
  name: string;
  type: string;
  queue: string;
  deadline: string;
  finish: Range | null;
}

/**
 * Waiting and running jobs of the plan whose deadline comes before the p90 of their end, the next deadline first.
 * `offset 0` keeps that a look-up per job: as a join it would read every job there is.
 */
export async function listRiskyDeadlines(db: Queryable, tenants: string[] | null): Promise<RiskyDeadline[]> {
  const { rows } = await db.query<
    Omit<RiskyDeadline, 'finish'> & { planned_ms: number; p10: number; p50: number; p90: number }
  >({
    name: 'risky_deadlines',
    text: `select j.id as job_id, j.name, j.type, j.queue, j.deadline, planned_ms, p10, p50, p90
      from (
        select extract(epoch from planned_at)::float8 * 1e3 as planned_ms, job.*
        from queue_plan cross join lateral (
          select * from unnest(job_id, end_p10, end_p50, end_p90) waiting(id, p10, p50, p90)
          union all select * from unnest(run_id, run_end_p10, run_end_p50, run_end_p90)
        ) job
      ) plan
      cross join lateral (
        select id, name, type, queue, deadline, tenant_id from job_live where id = plan.id and deadline is not null
        offset 0
      ) j
      where extract(epoch from j.deadline)::float8 * 1e3 < planned_ms + p90
        and ($1::uuid[] is null or j.tenant_id = any ($1))
      order by j.deadline limit $2`,
    values: [tenants, most],
  });
  return rows.map(({ planned_ms: plannedMs, p10, p50, p90, ...job }) => ({
    ...job,
    finish: rangeOf(plannedMs, [p10, p50, p90]),
  }));
}

import { columnOf } from '../db/arrays.ts';
import type { Queryable } from '../db/connect.ts';
import { isHeld } from './job.ts';

export interface Held {
  id: string;
  fence: number;
  /** Database time at which the handler started; null while the job is still in the worker's buffer. */
  startedAt: string | null;
}

export interface Renewal {
  /** Jobs whose lease is gone: their attempts must stop, their results no longer count. */
  lost: string[];
  /** Jobs somebody asked to cancel. */
  cancelRequested: string[];
}

/**
 * Renews the leases of the jobs a worker holds and records which have started. Rows that another statement has
 * locked are skipped, not waited for (they are about to finish); they count as held while their fence is unchanged.
 * `offset 0` keeps that a look-up per job: as a hash it would read every running job.
 */
export async function renewLeases(db: Queryable, leaseMs: number, held: Held[]): Promise<Renewal> {
  const { rows } = await db.query<{ id: string; held: boolean; cancel_requested: boolean | null }>({
    name: 'renew_leases',
    // A dead socket must not hold the renewal up until the leases are gone.
    query_timeout: leaseMs / 3,
    text: `with mine as materialized (
      select * from held_of($1, $2, $3)
    ),
    free as materialized (
      select j.id, m.started_at from job_live j join mine m on j.id = m.id and j.fence = m.fence
      where j.id = any ($1) and ${isHeld} for update of j skip locked
    ),
    renewed as (
      update job_live j
      set lease_expires_at = clock_timestamp() + $4 * interval '1 millisecond',
        started_at = coalesce(f.started_at, j.started_at)
      from free f where j.id = f.id
      returning j.id, j.cancel_requested
    )
    select m.id, r.cancel_requested, r.id is not null or exists (
      select from job_live j where j.id = m.id and j.fence = m.fence and ${isHeld}
      offset 0) as held
    from mine m left join renewed r on r.id = m.id`,
    values: [
      columnOf(held, (job) => job.id),
      columnOf(held, (job) => job.fence),
      columnOf(held, (job) => job.startedAt),
      leaseMs,
    ],
  });
  return {
    lost: rows.filter((row) => !row.held).map((row) => row.id),
    cancelRequested: rows.filter((row) => row.cancel_requested === true).map((row) => row.id),
  };
}

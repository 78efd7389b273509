/** Worker processes: who is there, how much each has done. Jobs carry their own leases, so nothing joins this. */
import type { Queryable } from '../db/connect.ts';

export interface WorkerRow {
  worker_id: string;
  name: string;
  hostname: string;
  status: 'active' | 'offline';
  slots: number;
  queues: string[] | null;
  types: string[] | null;
  started_at: string;
  last_seen: string;
  seconds_since_heartbeat: number;
  jobs_processed: number;
  stale_finishes: number;
}

/** Heartbeats a worker may miss before it is shown as dead; it counts in units of its 5 s interval. */
const deadAfterMs = 15_000;

/** Workers seen within the last hour, the newest first; one without a heartbeat for 15 s is shown as offline. */
export async function listWorkers(db: Queryable): Promise<WorkerRow[]> {
  const { rows } = await db.query<WorkerRow & Record<string, unknown>>(
    `select w.worker_id, w.name, w.hostname,
       case when w.last_seen < clock_timestamp() - $1 * interval '1 millisecond' then 'offline' else w.status end as status,
       w.slots, w.queues, w.types, w.started_at, w.last_seen,
       greatest(0, round(extract(epoch from clock_timestamp() - w.last_seen)::numeric, 3))::float8 as seconds_since_heartbeat,
       coalesce(t.jobs_processed, 0) as jobs_processed, w.stale_finishes
     from worker_registry w left join worker_total t on t.name = w.name
     where w.last_seen > clock_timestamp() - interval '1 hour'
     order by w.started_at desc, w.worker_id limit 1000`,
    [deadAfterMs],
  );
  return rows;
}

export interface NewWorker {
  workerId: string;
  name: string;
  hostname: string;
  slots: number;
  queues: string[] | null;
  types: string[] | null;
}

export async function registerWorker(db: Queryable, worker: NewWorker): Promise<void> {
  await db.query(
    `insert into worker_registry (worker_id, name, hostname, slots, queues, types) values ($1, $2, $3, $4, $5, $6)
     on conflict (worker_id) do update set status = 'active', last_seen = clock_timestamp()`,
    [worker.workerId, worker.name, worker.hostname, worker.slots, worker.queues, worker.types],
  );
}

export interface Progress {
  /** Finished attempts and refused finishes since the last heartbeat. */
  processed: number;
  stale: number;
}

/** Reports that a worker is alive and what it did since. False: its row is gone and it must register again. */
export async function heartbeat(db: Queryable, worker: NewWorker, progress: Progress): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'heartbeat',
    text: `with beat as (
      update worker_registry set last_seen = clock_timestamp(), status = 'active',
        jobs_processed = jobs_processed + $3, stale_finishes = stale_finishes + $4
      where worker_id = $1 returning 1
    ),
    total as (
      insert into worker_total (name, jobs_processed) select $2, $3 from beat
      on conflict (name) do update set jobs_processed = worker_total.jobs_processed + excluded.jobs_processed
    )
    select 1 from beat`,
    values: [worker.workerId, worker.name, progress.processed, progress.stale],
  });
  return rowCount === 1;
}

export async function signOffWorker(db: Queryable, workerId: string): Promise<void> {
  await db.query(
    `update worker_registry set status = 'offline', last_seen = clock_timestamp() where worker_id = $1`,
    [workerId],
  );
}

/** Workers that are alive now, and the jobs that they can run at the same time. */
export async function countSlots(db: Queryable): Promise<{ workers: number; slots: number }> {
  const { rows } = await db.query<{ workers: number; slots: number }>(
    `select count(*)::int as workers, coalesce(sum(slots), 0)::int as slots from worker_registry
     where status = 'active' and last_seen > clock_timestamp() - $1 * interval '1 millisecond'`,
    [deadAfterMs],
  );
  return rows[0] as { workers: number; slots: number };
}

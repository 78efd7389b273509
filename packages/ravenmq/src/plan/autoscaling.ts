/**
 * How many workers the predicted work needs. A worker group is named by the queues that it serves (`default`, `a,b`), or
 * `all`. Work of paused queues does not count.
 */
import { pgArray } from '../db/arrays.ts';
import type { Queryable } from '../db/connect.ts';

export interface Target {
  /** Time within which what waits now should be done, in seconds. */
  targetWaitS: number;
  /** Slots of one worker; undefined: as the living ones have, else 4. */
  slots: number | undefined;
  min: number;
  max: number;
}

export interface Scaling {
  group: string;
  desired_workers: number;
  workers: number;
  slots_per_worker: number;
  target_wait_s: number;
  waiting: number;
  running: number;
  backlog_s: number;
  running_s: number;
  planned_at: string | null;
  /** Whom to stop first: those with the least predicted work left. */
  scale_in: { worker_id: string; hostname: string; running: number; left_s: number }[];
}

const slotsByDefault = 4;

export async function readScaling(db: Queryable, group: string, target: Target): Promise<Scaling> {
  const queues = group === 'all' ? null : pgArray(group.split(',').map((queue) => queue.trim()));
  const { rows: workers } = await db.query<Scaling['scale_in'][number] & { slots: number }>(
    `select w.worker_id, w.hostname, w.slots, count(r.id)::int as running,
       coalesce(sum(greatest(0, r.left_ms)), 0)::float8 / 1e3 as left_s
     from worker_registry w
     left join (
       select r.id, r.worker,
         r.end_ms - extract(epoch from clock_timestamp() - p.planned_at)::float8 * 1e3 as left_ms
       from queue_plan p cross join lateral unnest(p.run_id, p.run_worker, p.run_end_p50) as r(id, worker, end_ms)
     ) r on r.worker = w.worker_id
     where w.status = 'active' and w.last_seen > clock_timestamp() - interval '15 seconds'
       and ($1::text[] is null or w.queues is null or w.queues && $1)
     group by w.worker_id, w.hostname, w.slots order by left_s, w.worker_id limit 1000`,
    [queues],
  );
  const slots = target.slots ?? Math.max(1, Math.round(meanOf(workers.map((worker) => worker.slots))));
  const { rows } = await db.query<Work>(
    `select coalesce(sum(case when q.paused then 0 else p.waiting end), 0)::int as waiting,
       coalesce(sum(p.running), 0)::int as running,
       coalesce(sum(case when q.paused then 0 else p.waiting_ms end), 0) / 1e3 as backlog_s,
       coalesce(sum(p.running_ms), 0) / 1e3 as running_s, max(p.planned_at) as planned_at,
       desired_workers($1, $2, $3) as desired
     from queue_plan p join queue q on q.name = p.queue where $1::text[] is null or p.queue = any ($1)`,
    [queues, target.targetWaitS, slots],
  );
  const { desired, ...work } = rows[0] as Work;
  return {
    group,
    desired_workers: Math.min(target.max, Math.max(target.min, desired)),
    workers: workers.length,
    slots_per_worker: slots,
    target_wait_s: target.targetWaitS,
    ...work,
    scale_in: workers.map(({ slots: _, ...worker }) => worker),
  };
}

type Work = Pick<Scaling, 'waiting' | 'running' | 'backlog_s' | 'running_s' | 'planned_at'> & {
  desired: number;
};

const meanOf = (values: number[]) =>
  values.length === 0 ? slotsByDefault : values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Takes the picture that the plan is made from. The one place that reads ranks, turns, gates, limits and settings of
 * queues for it: whatever the claim comes to obey belongs here, and in drain.ts, too.
 */
import type { Queryable } from '../db/connect.ts';
import {
  type Background,
  type LaneRow,
  mostWaiting,
  type Picture,
  pictureOf,
  type RunningRow,
  type WaitingRow,
  type WorkerRow,
} from './picture.ts';

/** Jobs per queue that are looked at one by one, and lanes; what is behind them comes from sums. */
const listedJobs = 2_000;
const listedLanes = 500;
const listedGates = 500;
const mostRunning = 5_000;

const columns = `j.id, j.queue, j.tenant_id, j.type, j.rank, j.predicted_runtime_ms as p50_ms,
  j.predicted_p90_ms as p90_ms, j.predicted_mean_ms as mean_ms, j.scopes`;

const readyText = `with lane as materialized (
    select queue, tenant_id, greatest(4, $1::int / count(*) over (partition by queue)) as most,
      row_number() over (partition by queue order by vtime) as n
    from turn where not idle
  )
  select j.*, false as gated, k = most as cut from lane l cross join lateral (
    select ${columns}, row_number() over () as k from (
      select * from job_live where status = 'queued' and gate is null and queue = l.queue and tenant_id = l.tenant_id
      order by rank, id limit l.most
    ) j
  ) j where l.n <= $2 limit $3`;

const gatedText = `with recursive gate as (
    (select min(gate) as gate, 1 as n from job_live where gate is not null)
    union all
    select (select min(j.gate) from job_live j where j.gate > g.gate), n + 1 from gate g
    where g.gate is not null and g.n < $2
  ),
  most as materialized (select greatest(4, $1::int / count(*)) as most from gate)
  select j.*, true as gated, k = (select most from most) as cut from gate g cross join lateral (
    select ${columns}, row_number() over () as k from (
      select * from job_live where gate = g.gate order by rank, id limit (select most from most)
    ) j
  ) j where g.gate is not null`;

export async function readPicture(db: Queryable, background: Background): Promise<Picture> {
  const ask = <Row>(name: string, text: string, values: unknown[] = []) =>
    db.query<Row & Record<string, unknown>>({ name, text, values }).then(({ rows }) => rows as Row[]);
  const [now, queues, lanes, ready, gated, running, workers, limits] = await Promise.all([
    ask<{ now_ms: number }>(
      'plan_now',
      'select extract(epoch from clock_timestamp())::float8 * 1e3 as now_ms',
    ),
    ask<{ name: string; paused: boolean }>(
      'plan_queues',
      `select name, paused or coalesce((select paused from everything where id = 1), false) as paused
       from queue order by name`,
    ),
    ask<LaneRow>(
      'plan_lanes',
      `select t.queue, t.tenant_id, t.vtime - q.vclock as vtime, t.weight, t.paused
       from turn t join queue q on q.name = t.queue where not t.idle order by t.queue, t.vtime, t.tenant_id`,
    ),
    ask<WaitingRow>('plan_ready', readyText, [listedJobs, listedLanes, mostWaiting]),
    ask<WaitingRow>('plan_gated', gatedText, [listedJobs, listedGates]),
    ask<RunningRow>(
      'plan_running',
      `select j.id, j.queue, j.tenant_id, j.type, j.predicted_runtime_ms as p50_ms, j.predicted_p90_ms as p90_ms,
         j.worker_id, coalesce(extract(epoch from clock_timestamp() - j.started_at)::float8 * 1e3, -1) as elapsed_ms,
         j.scopes
       from job_live j where j.status = 'running' limit $1`,
      [mostRunning],
    ),
    ask<WorkerRow>(
      'plan_workers',
      `select worker_id, slots, queues, types from worker_registry
       where status = 'active' and last_seen > clock_timestamp() - interval '15 seconds' order by worker_id`,
    ),
    ask<{ scope: string; max: number; held: number }>(
      'plan_limits',
      `select l.scope, l.max, count(s.job_id)::int as held from concurrency_limit l
       left join slot s on s.scope = l.scope where l.max is not null group by l.scope, l.max order by l.scope`,
    ),
  ]);
  const runs = new Set(running.map(({ id }) => id));
  const waiting = [...ready, ...gated].filter(({ id }) => !runs.has(id));
  return pictureOf({
    ...{ queues, lanes, waiting, running, workers, limits, background },
    nowMs: now[0]?.now_ms as number,
  });
}

/**
 * Numbers about jobs that ended come from the minutes kept by the leader; percentiles of the last hour from the
 * newest jobs. Nothing here scans finished jobs. Run everything in a scope: row level security picks the tenants.
 */
import type { Queryable } from '../db/connect.ts';

export interface Summary {
  counts: {
    total_done: number;
    total_failed: number;
    total_queued: number;
    total_running: number;
    total_scheduled: number;
    /** Share of done among done and failed, 0 to 1; null before the first. */
    success_rate: number | null;
  };
  by_type: { type: string; avg_actual_ms: number | null; avg_predicted_ms: number | null; total: number }[];
  prediction_mape_pct: number | null;
  /** Mean |ln predicted - ln actual| of the newest jobs that succeeded: 0.7 is a factor of two. */
  prediction_log_error: number | null;
  queue_health: {
    avg_queue_wait_ms: number | null;
    p95_queue_wait_ms: number | null;
    p95_execution_ms: number | null;
    jobs_last_hour: number;
  };
}

/** Finished jobs that percentiles and samples look at: the newest by creation, which an index has in order. */
const sample = 5_000;
const newestOf = `select type, outcome, runtime_ms, predicted_runtime_ms, started_at, ready_at, finished_at
  from job_history where $1::uuid[] is null or tenant_id = any ($1) order by id desc limit $2`;

export async function readSummary(db: Queryable, tenants: string[] | null): Promise<Summary> {
  const totals = await db.query<Totals>(
    `select coalesce(sum(done), 0)::float8 as done, coalesce(sum(failed), 0)::float8 as failed,
       sum(ape_sum) / nullif(sum(ape_count), 0) * 100 as mape
     from stats_minute`,
  );
  const types = await db.query<Summary['by_type'][number] & Record<string, unknown>>(
    `select type, sum(runtime_ms_sum) / nullif(sum(done), 0) as avg_actual_ms,
       sum(predicted_ms_sum) / nullif(sum(done), 0) as avg_predicted_ms, sum(done + failed)::float8 as total
     from stats_minute group by type order by total desc limit 100`,
  );
  const live = await db.query<Record<'queued' | 'running' | 'scheduled', number>>(
    `select count(*) filter (where status = 'queued') as queued, count(*) filter (where status = 'running') as running,
       count(*) filter (where status = 'scheduled') as scheduled from job_live`,
  );
  const health = await db.query<
    Summary['queue_health'] & { log_error: number | null } & Record<string, unknown>
  >(
    `with newest as (${newestOf}),
     latest as (
       select greatest(0, date_part('epoch', started_at - ready_at) * 1000) as wait_ms, runtime_ms from newest
       where finished_at > now() - interval '1 hour' and outcome is not null
     )
     select avg(wait_ms) as avg_queue_wait_ms,
       percentile_cont(0.95) within group (order by wait_ms) as p95_queue_wait_ms,
       percentile_cont(0.95) within group (order by runtime_ms) as p95_execution_ms,
       (select coalesce(sum(done + failed), 0)::float8 from stats_minute where minute > now() - interval '1 hour')
         as jobs_last_hour,
       (select avg(abs(ln(predicted_runtime_ms) - ln(greatest(runtime_ms, 0.01))))
        from newest where outcome = 'done' and predicted_runtime_ms > 0) as log_error
     from latest`,
    [tenants, sample],
  );
  const { log_error: logError, ...queueHealth } = health.rows[0] as Summary['queue_health'] & {
    log_error: number | null;
  };
  const { done, failed, mape } = totals.rows[0] as Totals;
  const { queued, running, scheduled } = live.rows[0] as Record<'queued' | 'running' | 'scheduled', number>;
  return {
    counts: {
      total_done: done,
      total_failed: failed,
      total_queued: queued,
      total_running: running,
      total_scheduled: scheduled,
      success_rate: done + failed > 0 ? done / (done + failed) : null,
    },
    by_type: types.rows,
    prediction_mape_pct: mape,
    prediction_log_error: logError,
    queue_health: queueHealth,
  };
}

interface Totals {
  done: number;
  failed: number;
  mape: number | null;
  [column: string]: unknown;
}

export interface ThroughputBucket {
  bucket: string;
  done: number;
  failed: number;
}

/** Jobs that ended in each bucket up to now, empty buckets included. */
export async function readThroughput(
  db: Queryable,
  { minutes, step }: Buckets = lastDay,
): Promise<ThroughputBucket[]> {
  const { rows } = await db.query<ThroughputBucket & Record<string, unknown>>(
    `select b as bucket, coalesce(sum(s.done), 0)::float8 as done, coalesce(sum(s.failed), 0)::float8 as failed
     from generate_series(
       date_bin($2 * interval '1 minute', now() - ($1 - $2) * interval '1 minute', 'epoch'), now(), $2 * interval '1 minute'
     ) b
     left join stats_minute s on s.minute >= b and s.minute < b + $2 * interval '1 minute'
     group by b order by b`,
    [minutes, step],
  );
  return rows;
}

/** How far to look back and how much one bucket holds, both in minutes. */
export interface Buckets {
  minutes: number;
  step: number;
}
const lastDay: Buckets = { minutes: 1_440, step: 60 };

export interface PredictionSample {
  type: string;
  actual_ms: number;
  predicted_ms: number;
  finished_at: string;
}

/** The 100 of the newest jobs that succeeded last, with what was predicted for them. */
export async function readAccuracy(db: Queryable, tenants: string[] | null): Promise<PredictionSample[]> {
  const { rows } = await db.query<PredictionSample & Record<string, unknown>>(
    `select type, runtime_ms as actual_ms, predicted_runtime_ms as predicted_ms, finished_at
     from (${newestOf}) newest where outcome = 'done' order by finished_at desc limit 100`,
    [tenants, sample],
  );
  return rows;
}

export interface DepthBucket {
  bucket: string;
  scheduled: number;
  queued: number;
  running: number;
  /** Predicted work of what was queued. */
  queued_ms: number;
}

/** What waited and ran, in buckets up to now: the largest of each. Minutes in which nothing did are not kept. */
export async function readQueueDepth(
  db: Queryable,
  { minutes, step }: Buckets = { minutes: 1_440, step: 5 },
): Promise<DepthBucket[]> {
  const { rows } = await db.query<DepthBucket & Record<string, unknown>>(
    `select bucket, max(scheduled)::float8 as scheduled, max(queued)::float8 as queued, max(running)::float8 as running,
       max(queued_ms) as queued_ms
     from (
       select date_bin($2 * interval '1 minute', minute, 'epoch') as bucket, minute, sum(scheduled) as scheduled,
         sum(queued) as queued, sum(running) as running, sum(queued_ms) as queued_ms
       from queue_depth_minute where minute > now() - $1 * interval '1 minute' group by minute
     ) m group by bucket order by bucket`,
    [minutes, step],
  );
  return rows;
}

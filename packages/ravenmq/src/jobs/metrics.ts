/** The metrics about jobs and workers, as Prometheus text, from tables that stay small. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Queryable } from '../db/connect.ts';
import { readReport } from '../models/report.ts';
import { addPlanMetrics } from '../plan/metrics.ts';
import { readLeader } from '../workers/leader.ts';

/** Upper bounds of the job duration histogram, in seconds; the columns of job_duration follow them. */
export const durationBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600];

export async function readJobMetrics(db: Queryable): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });

  const depth = gauge('ravenmq_queue_depth', 'Jobs that have not ended', ['queue', 'state']);
  const backlog = gauge('ravenmq_predicted_backlog_seconds', 'Predicted run time of the jobs that wait', [
    'queue',
  ]);
  const queues = await db.query<{ queue: string; status: string; n: number; seconds: number }>(
    `select queue, status, count(*) as n, sum(predicted_mean_ms) / 1000 as seconds
     from job_live group by queue, status order by n desc limit 300`,
  );
  for (const { queue, status, n, seconds } of queues.rows) {
    depth.set({ queue, state: status }, n);
    if (status === 'queued') backlog.set({ queue }, seconds);
  }

  const workers = await db.query<{ n: number }>(
    `select count(*) as n from worker_registry
     where status = 'active' and last_seen > clock_timestamp() - interval '15 seconds'`,
  );
  gauge('ravenmq_workers', 'Workers with a heartbeat within 15 s').set(workers.rows[0]?.n ?? 0);

  const leader = await readLeader(db);
  gauge(
    'ravenmq_leader_silence_seconds',
    'Time since the leader renewed its term; it does so every 1.5 s. +Inf: nobody has led yet',
  ).set(leader?.seconds_since_heartbeat ?? Number.POSITIVE_INFINITY);

  const error = await db.query<{ mape: number | null }>(
    `select sum(ape_sum) / nullif(sum(ape_count), 0) * 100 as mape from stats_minute
     where minute > now() - interval '24 hours'`,
  );
  const mape = gauge(
    'ravenmq_prediction_mape_pct',
    'Mean absolute percentage error of the predicted runtimes, 24 h',
  );
  mape.set(error.rows[0]?.mape ?? Number.NaN);

  const { report } = await readReport(db);
  const scores = {
    misorder: gauge('ravenmq_predictor_misorder_ratio', 'What wrong order costs: 0 none, 0.5 chance', [
      'candidate',
    ]),
    logError: gauge('ravenmq_predictor_log_error', 'Mean |ln predicted - ln actual|', ['candidate']),
    mape: gauge('ravenmq_predictor_mape_ratio', 'Mean |predicted - actual| / actual', ['candidate']),
    coverage: gauge('ravenmq_predictor_p90_coverage_ratio', 'Runs within the predicted p90', ['candidate']),
  };
  for (const [candidate, of] of Object.entries(report?.candidates ?? {})) {
    for (const score of Object.keys(scores) as (keyof typeof scores)[])
      scores[score].set({ candidate }, of[score]);
  }
  const champion = gauge('ravenmq_predictor_champion', 'Who predicts: 1', ['question', 'candidate']);
  for (const [question, candidate] of Object.entries(report?.champions ?? {}))
    champion.set({ question, candidate }, 1);

  await addPlanMetrics(db, gauge);

  const ended = new Counter({
    name: 'ravenmq_jobs_total',
    help: 'Jobs that ended',
    labelNames: ['type', 'status'],
    registers: [registry],
  });
  const totals = await db.query<Totals & Record<string, unknown>>(
    `select type, sum(done)::float8 as done, sum(failed)::float8 as failed, sum(cancelled)::float8 as cancelled,
       sum(attempts)::float8 as attempts, sum(wait_ms_sum) / 1000 as wait_seconds
     from stats_minute group by type order by sum(attempts) desc limit 100`,
  );
  for (const row of totals.rows) {
    for (const status of ['done', 'failed', 'cancelled'] as const)
      ended.inc({ type: row.type, status }, row[status]);
  }
  return `${await registry.metrics()}${waitText(totals.rows)}${await durationText(db)}`;
}

interface Totals {
  type: string;
  done: number;
  failed: number;
  cancelled: number;
  attempts: number;
  wait_seconds: number;
}

/** How long attempts waited, as a summary without quantiles: sum and count come from the statistics. */
function waitText(totals: Totals[]): string {
  const name = 'ravenmq_wait_seconds';
  const lines = [`# HELP ${name} How long attempts waited, from ready to started`, `# TYPE ${name} summary`];
  for (const { type, attempts, wait_seconds: sum } of totals)
    lines.push(`${name}_sum{${label(type)}} ${sum}`, `${name}_count{${label(type)}} ${attempts}`);
  return `${lines.join('\n')}\n`;
}

const label = (type: string): string => `type="${type.replace(/[\\"\n]/g, '_')}"`;

/** A histogram whose counts come from the database cannot be observed into; its text is written here. */
async function durationText(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ type: string; counts: number[]; sum_seconds: number }>(
    'select type, counts, sum_seconds from job_duration order by counts[cardinality(counts)] desc limit 100',
  );
  const name = 'ravenmq_job_duration_seconds';
  const lines = [`# HELP ${name} How long attempts ran`, `# TYPE ${name} histogram`];
  for (const { type, counts, sum_seconds: sum } of rows) {
    const bounds = [...durationBuckets, '+Inf'];
    bounds.forEach((bound, n) => {
      lines.push(`${name}_bucket{le="${bound}",${label(type)}} ${counts[n]}`);
    });
    lines.push(`${name}_sum{${label(type)}} ${sum}`, `${name}_count{${label(type)}} ${counts.at(-1)}`);
  }
  return `${lines.join('\n')}\n`;
}

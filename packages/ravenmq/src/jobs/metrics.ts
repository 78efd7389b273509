/** The metrics about jobs and workers, as Prometheus text, from tables that stay small. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Queryable } from '../db/connect.ts';
import { readReport } from '../models/report.ts';

/** Upper bounds of the job duration histogram, in seconds; the columns of job_duration follow them. */
export const durationBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600];

export async function readJobMetrics(db: Queryable): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });

  const depth = gauge('ravenmq_queue_depth', 'Jobs that have not ended', ['queue', 'state']);
  const queues = await db.query<{ queue: string; status: string; n: number }>(
    'select queue, status, count(*) as n from job_live group by queue, status order by n desc limit 300',
  );
  for (const { queue, status, n } of queues.rows) depth.set({ queue, state: status }, n);

  const workers = await db.query<{ n: number }>(
    `select count(*) as n from worker_registry
     where status = 'active' and last_seen > clock_timestamp() - interval '15 seconds'`,
  );
  gauge('ravenmq_workers', 'Workers with a heartbeat within 15 s').set(workers.rows[0]?.n ?? 0);

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

  const ended = new Counter({
    name: 'ravenmq_jobs_total',
    help: 'Jobs that ended',
    labelNames: ['type', 'status'],
    registers: [registry],
  });
  const totals = await db.query<Record<'type' | 'done' | 'failed' | 'cancelled', never>>(
    `select type, sum(done)::float8 as done, sum(failed)::float8 as failed, sum(cancelled)::float8 as cancelled
     from stats_minute group by type order by sum(attempts) desc limit 100`,
  );
  for (const row of totals.rows) {
    for (const status of ['done', 'failed', 'cancelled'] as const)
      ended.inc({ type: row.type, status }, row[status]);
  }
  return `${await registry.metrics()}${await durationText(db)}`;
}

/** A histogram whose counts come from the database cannot be observed into; its text is written here. */
async function durationText(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ type: string; counts: number[]; sum_seconds: number }>(
    'select type, counts, sum_seconds from job_duration order by counts[cardinality(counts)] desc limit 100',
  );
  const name = 'ravenmq_job_duration_seconds';
  const lines = [`# HELP ${name} How long attempts ran`, `# TYPE ${name} histogram`];
  for (const { type, counts, sum_seconds: sum } of rows) {
    const label = `type="${type.replace(/[\\"\n]/g, '_')}"`;
    const bounds = [...durationBuckets, '+Inf'];
    bounds.forEach((bound, n) => {
      lines.push(`${name}_bucket{le="${bound}",${label}} ${counts[n]}`);
    });
    lines.push(`${name}_sum{${label}} ${sum}`, `${name}_count{${label}} ${counts.at(-1)}`);
  }
  return `${lines.join('\n')}\n`;
}

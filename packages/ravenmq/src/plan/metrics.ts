/** What the plan says, as gauges for Prometheus. */
import type { Gauge } from 'prom-client';
import type { Queryable } from '../db/connect.ts';
import { listLongRuns, listRiskyDeadlines } from './alarms.ts';

type MakeGauge = (name: string, help: string, labelNames?: string[]) => Gauge;

/** Queues that are told. */
const most = 200;

export async function addPlanMetrics(db: Queryable, gauge: MakeGauge): Promise<void> {
  const left = gauge('ravenmq_predicted_running_seconds', 'Predicted work left in running jobs', ['queue']);
  const drain = gauge('ravenmq_predicted_drain_seconds', 'Until all that waits now will have started, p50', [
    'queue',
  ]);
  const age = gauge('ravenmq_plan_age_seconds', 'Since the plan was made', ['queue']);
  const { rows } = await db.query<Record<'queue' | 'left' | 'drain' | 'age', never>>(
    `select queue, running_ms / 1e3 as left, last_start[2] / 1e3 as drain,
       extract(epoch from clock_timestamp() - planned_at)::float8 as age
     from queue_plan order by waiting_ms desc limit ${most}`,
  );
  for (const row of rows) {
    left.set({ queue: row.queue }, row.left);
    drain.set({ queue: row.queue }, row.drain);
    age.set({ queue: row.queue }, row.age);
  }
  const desired = await db.query<{ n: number }>('select desired_workers() as n');
  gauge('ravenmq_desired_workers', 'Workers of 4 slots that end the predicted work within 60 s').set(
    desired.rows[0]?.n ?? 0,
  );
  gauge('ravenmq_jobs_running_long', 'Jobs that run far past their predicted p90, 200 at most').set(
    (await listLongRuns(db, null)).length,
  );
  gauge('ravenmq_deadlines_at_risk', 'Jobs that will probably miss their deadline, 200 at most').set(
    (await listRiskyDeadlines(db, null)).length,
  );
}

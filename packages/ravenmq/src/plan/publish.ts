/** Writes the plan, a row per queue, under the leader's term. */
import { pgArray } from '../db/arrays.ts';
import type { Queryable } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';
import type { QueueRecord } from './entries.ts';

/** By column: its type, and what of a record is stored in it. */
const columns: Record<string, [type: string, of: (record: QueueRecord) => unknown]> = {
  queue: ['text', ({ queue }) => queue],
  waiting: ['integer', ({ waiting }) => Math.round(waiting)],
  running: ['integer', ({ running }) => running.length],
  workers: ['integer', ({ workers }) => workers],
  slots: ['integer', ({ slots }) => slots],
  free_slots: ['integer', ({ freeSlots }) => freeSlots],
  waiting_ms: ['float8', ({ waitingMs }) => waitingMs],
  running_ms: ['float8', ({ runningMs }) => runningMs],
  next_start: ['real[]', ({ nextStart }) => pgArray(nextStart)],
  last_start: ['real[]', ({ lastStart }) => pgArray(lastStart)],
  lane_tenant: ['uuid[]', ({ lanes }) => pgArray(lanes.map((lane) => lane.tenantId))],
  lane_jobs: ['integer[]', ({ lanes }) => pgArray(lanes.map((lane) => lane.jobs))],
  lane_ms: ['float8[]', ({ lanes }) => pgArray(lanes.map((lane) => lane.ms))],
  lane_end: ['real[]', ({ lanes }) => pgArray(lanes.map((lane) => lane.endMs))],
  lane_pace_ms: ['real[]', ({ lanes }) => pgArray(lanes.map((lane) => lane.paceMs))],
  job_id: ['uuid[]', ({ jobs }) => pgArray(jobs.map((job) => job.id))],
  job_lane: ['integer[]', ({ jobs }) => pgArray(jobs.map((job) => job.lane))],
  job_rank: ['bigint[]', ({ jobs }) => pgArray(jobs.map((job) => job.rank))],
  job_position: ['integer[]', ({ jobs }) => pgArray(jobs.map((job) => job.position))],
  start_p10: ['real[]', ({ jobs }) => pgArray(jobs.map((job) => job.start[0]))],
  start_p50: ['real[]', ({ jobs }) => pgArray(jobs.map((job) => job.start[1]))],
  start_p90: ['real[]', ({ jobs }) => pgArray(jobs.map((job) => job.start[2]))],
  end_p10: ['real[]', ({ jobs }) => pgArray(jobs.map((job) => job.end[0]))],
  end_p50: ['real[]', ({ jobs }) => pgArray(jobs.map((job) => job.end[1]))],
  end_p90: ['real[]', ({ jobs }) => pgArray(jobs.map((job) => job.end[2]))],
  job_reason: ['text[]', ({ jobs }) => pgArray(jobs.map((job) => job.reason))],
  job_scope: ['text[]', ({ jobs }) => pgArray(jobs.map((job) => job.scope))],
  job_worker: ['text[]', ({ jobs }) => pgArray(jobs.map((job) => job.worker))],
  job_slot: ['integer[]', ({ jobs }) => pgArray(jobs.map((job) => job.slot))],
  run_id: ['uuid[]', ({ running }) => pgArray(running.map((run) => run.id))],
  run_worker: ['text[]', ({ running }) => pgArray(running.map((run) => run.worker))],
  run_slot: ['integer[]', ({ running }) => pgArray(running.map((run) => run.slot))],
  run_end_p10: ['real[]', ({ running }) => pgArray(running.map((run) => run.end[0]))],
  run_end_p50: ['real[]', ({ running }) => pgArray(running.map((run) => run.end[1]))],
  run_end_p90: ['real[]', ({ running }) => pgArray(running.map((run) => run.end[2]))],
};

const names = Object.keys(columns);
const text = `insert into queue_plan (planned_at, ${names.join(', ')})
  select to_timestamp($2::float8 / 1e3), ${names.map((name, n) => `$${n + 3}::${columns[name]?.[0]}`).join(', ')} where leads($1)
  on conflict (queue) do update set planned_at = excluded.planned_at,
    ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`;

export async function publishPlan(
  db: Queryable,
  guard: Guard,
  nowMs: number,
  record: QueueRecord,
): Promise<void> {
  const values = Object.values(columns).map(([, of]) => of(record));
  await db.query({ name: 'publish_plan', text, values: [guard.proof, nowMs, ...values] });
}

/** What says that nothing is there still holds. */
export async function renewEmptyPlans(db: Queryable, guard: Guard, nowMs: number): Promise<void> {
  await db.query({
    name: 'renew_empty_plans',
    text: `update queue_plan set planned_at = to_timestamp($2::float8 / 1e3)
      where waiting = 0 and running = 0 and planned_at < to_timestamp($2::float8 / 1e3) - interval '10 seconds' and leads($1)`,
    values: [guard.proof, nowMs],
  });
}

/** Forgets the plans of queues that are gone. */
export async function dropPlansBut(db: Queryable, guard: Guard, queues: readonly string[]): Promise<void> {
  await db.query({
    name: 'drop_plans',
    text: 'delete from queue_plan where queue <> all ($2) and leads($1)',
    values: [guard.proof, pgArray(queues)],
  });
}

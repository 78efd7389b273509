/** A queue as an airport board: the next jobs with their times, and what every slot does until when. */
import { namesOf, type Viewer } from './explain.ts';
import { readLimits } from './facts.ts';
import { instant, type Offsets, type Range, rangeOf } from './range.ts';
import { type PlanEntry, type QueuePlan, readPlan } from './read-plan.ts';
import { type Reason, reasonText } from './sentence.ts';

/** Jobs shown. */
const shown = 50;

export interface BoardJob {
  position: number;
  own: boolean;
  job_id: string | null;
  name: string | null;
  type: string | null;
  org_id: string | null;
  start: Range | null;
  finish: Range | null;
  predicted: { p50_ms: number; p90_ms: number } | null;
  reason: Reason | null;
  worker_id: string | null;
  slot: number | null;
}

interface SlotItem {
  kind: 'running' | 'planned';
  own: boolean;
  job_id: string | null;
  name: string | null;
  type: string | null;
  from: string;
  until: { p50: string; p90: string } | null;
}

export interface QueueBoard {
  queue: string;
  planned_at: string | null;
  paused: boolean;
  waiting: number;
  running: number;
  slots: number;
  free_slots: number;
  workers: number;
  backlog_ms: number;
  running_ms: number;
  drained: Range | null;
  jobs: BoardJob[];
  slots_plan: { worker_id: string; slot: number; items: SlotItem[] }[];
}

/** Undefined when there is no such queue. */
export async function showBoard(viewer: Viewer, queue: string): Promise<QueueBoard | undefined> {
  const { pool } = viewer;
  const { rows } = await pool.query<{ paused: boolean }>('select paused from queue where name = $1', [queue]);
  const [settings] = rows;
  if (!settings) return undefined;
  const plan = await readPlan(pool, queue, shown);
  if (!plan) return { queue, paused: settings.paused, ...nothing };
  const details = await detailsOf(viewer, plan);
  const limits = await readLimits(
    pool,
    plan.jobs.flatMap(({ scope }) => scope ?? []),
  );
  const at = (offsets: Offsets) => rangeOf(plan.plannedAtMs, offsets);
  return {
    queue,
    planned_at: instant(plan.plannedAtMs),
    paused: settings.paused,
    waiting: plan.waiting,
    running: plan.running,
    slots: plan.slots,
    free_slots: plan.freeSlots,
    workers: plan.workers,
    backlog_ms: plan.waitingMs,
    running_ms: plan.runningMs,
    drained: at(plan.lastStart),
    jobs: plan.jobs.map((entry) => boardJobOf(entry, details.get(entry.id), { queue, limits, at })),
    slots_plan: slotsOf(plan, details),
  };
}

const nothing = {
  ...{
    planned_at: null,
    waiting: 0,
    running: 0,
    slots: 0,
    free_slots: 0,
    workers: 0,
    backlog_ms: 0,
    running_ms: 0,
  },
  ...{ drained: null, jobs: [], slots_plan: [] },
};

interface Detail {
  name: string;
  type: string;
  org_id: string | null;
  p50_ms: number;
  p90_ms: number;
  concurrency_key: string | null;
  started_at: string | null;
}

async function detailsOf(viewer: Viewer, plan: QueuePlan): Promise<Map<string, Detail>> {
  const names = await namesOf(viewer, [...plan.jobs, ...plan.runs]);
  const { rows } = await viewer.pool.query<Omit<Detail, 'name' | 'type' | 'org_id'> & { id: string }>(
    `select id, predicted_runtime_ms as p50_ms, predicted_p90_ms as p90_ms, concurrency_key, started_at
     from job_live where id = any ($1)`,
    [[...names.keys()]],
  );
  return new Map(
    rows.flatMap(({ id, ...rest }) => {
      const name = names.get(id);
      return name ? [[id, { ...name, ...rest }] as const] : [];
    }),
  );
}

function boardJobOf(
  entry: PlanEntry,
  detail: Detail | undefined,
  {
    queue,
    limits,
    at,
  }: { queue: string; limits: Map<string, number>; at: (offsets: Offsets) => Range | null },
): BoardJob {
  const job = detail && { ...detail, queue, retry_count: 0, run_at: null };
  return {
    position: entry.position,
    own: detail !== undefined,
    job_id: detail ? entry.id : null,
    name: detail?.name ?? null,
    type: detail?.type ?? null,
    org_id: detail?.org_id ?? null,
    start: at(entry.start),
    finish: at(entry.end),
    predicted: detail ? { p50_ms: detail.p50_ms, p90_ms: detail.p90_ms } : null,
    reason: job
      ? reasonText(entry.reason, {
          job,
          nowMs: 0,
          scope: entry.scope,
          limit: limits.get(entry.scope ?? '') ?? null,
          ahead: null,
        })
      : null,
    worker_id: entry.worker,
    slot: entry.slot,
  };
}

function slotsOf(plan: QueuePlan, details: Map<string, Detail>): QueueBoard['slots_plan'] {
  const lines = new Map<string, QueueBoard['slots_plan'][number]>();
  const lineOf = (worker: string, slot: number) => {
    const key = `${worker} ${slot}`;
    const line = lines.get(key) ?? { worker_id: worker, slot, items: [] };
    lines.set(key, line);
    return line;
  };
  const add = (
    kind: SlotItem['kind'],
    job: { id: string; worker: string | null; slot: number | null },
    from: string,
    end: Offsets,
  ) => {
    if (job.worker === null || job.slot === null) return;
    const detail = details.get(job.id);
    const until = rangeOf(plan.plannedAtMs, end);
    lineOf(job.worker, job.slot).items.push({
      kind,
      own: detail !== undefined,
      job_id: detail ? job.id : null,
      name: detail?.name ?? null,
      type: detail?.type ?? null,
      from,
      until: until && { p50: until.p50, p90: until.p90 },
    });
  };
  const now = instant(plan.plannedAtMs);
  for (const run of plan.runs) add('running', run, details.get(run.id)?.started_at ?? now, run.end);
  for (const job of plan.jobs) {
    const start = rangeOf(plan.plannedAtMs, job.start);
    if (start) add('planned', job, start.p50, job.end);
  }
  return [...lines.values()].sort((a, b) =>
    a.worker_id < b.worker_id ? -1 : a.worker_id > b.worker_id ? 1 : a.slot - b.slot,
  );
}

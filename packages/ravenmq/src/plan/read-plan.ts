/** Reads what the leader published. The rows say nothing of who may see them: callers count others' jobs, never name them. */
import type { Queryable } from '../db/connect.ts';
import type { Offsets } from './range.ts';
import type { ReasonCode } from './reasons.ts';

export interface PlanHead {
  plannedAtMs: number;
  waiting: number;
  running: number;
  workers: number;
  slots: number;
  freeSlots: number;
  waitingMs: number;
  runningMs: number;
  nextStart: Offsets;
  lastStart: Offsets;
}

export interface PlanEntry {
  id: string;
  rank: number;
  position: number;
  start: Offsets;
  end: Offsets;
  reason: ReasonCode;
  scope: string | null;
  worker: string | null;
  slot: number | null;
  lane: number;
}

export interface RunEntry {
  id: string;
  worker: string | null;
  slot: number | null;
  end: Offsets;
}

export interface LaneEntry {
  tenantId: string;
  jobs: number;
  ms: number;
  endMs: number;
  paceMs: number;
}

export interface QueuePlan extends PlanHead {
  lanes: LaneEntry[];
  /** The next first. */
  jobs: PlanEntry[];
  runs: RunEntry[];
}

const head = `extract(epoch from planned_at)::float8 * 1e3 as planned_ms, waiting, running, workers, slots, free_slots,
  waiting_ms, running_ms, next_start, last_start`;
const jobColumns = [
  ...[
    'job_id',
    'job_rank',
    'job_position',
    'start_p10',
    'start_p50',
    'start_p90',
    'end_p10',
    'end_p50',
    'end_p90',
  ],
  ...['job_reason', 'job_scope', 'job_worker', 'job_slot', 'job_lane'],
];
const runColumns = ['run_id', 'run_worker', 'run_slot', 'run_end_p10', 'run_end_p50', 'run_end_p90'];
const laneColumns = ['lane_tenant', 'lane_jobs', 'lane_ms', 'lane_end', 'lane_pace_ms'];

type Row = Record<string, unknown>;

/** The plan of a queue with its first `jobs` jobs; undefined when there is none. */
export async function readPlan(db: Queryable, queue: string, jobs = 10_000): Promise<QueuePlan | undefined> {
  const { rows } = await db.query<Row>({
    name: 'read_plan',
    text: `select ${head}, ${[...laneColumns, ...runColumns].join(', ')},
        ${jobColumns.map((column) => `${column}[1:$2::int] as ${column}`).join(', ')}
      from queue_plan where queue = $1`,
    values: [queue, jobs],
  });
  const [row] = rows;
  return row && { ...headOf(row), lanes: lanesOf(row), jobs: jobsOf(row), runs: runsOf(row) };
}

/** A job's entry, those next to it, and the head of its queue's plan; `self` is its place among them, -1 for none. */
export async function readPlace(
  db: Queryable,
  queue: string,
  id: string,
  around: number,
): Promise<{ head: PlanHead; near: PlanEntry[]; self: number; run: RunEntry | undefined } | undefined> {
  const { rows } = await db.query<Row>({
    name: 'read_place',
    text: `select ${head},
        ${jobColumns.map((column) => `${column}[greatest(1, k - $3) : k + $3] as ${column}`).join(', ')},
        ${runColumns.map((column) => `${column}[r:r] as ${column}`).join(', ')}
      from (select *, array_position(job_id, $2::uuid) as k, array_position(run_id, $2::uuid) as r
        from queue_plan where queue = $1) plan`,
    values: [queue, id, around],
  });
  const [row] = rows;
  if (!row) return undefined;
  const near = jobsOf(row);
  return { head: headOf(row), near, self: near.findIndex((job) => job.id === id), run: runsOf(row)[0] };
}

function headOf(row: Row): PlanHead {
  return {
    plannedAtMs: row.planned_ms as number,
    waiting: row.waiting as number,
    running: row.running as number,
    workers: row.workers as number,
    slots: row.slots as number,
    freeSlots: row.free_slots as number,
    waitingMs: row.waiting_ms as number,
    runningMs: row.running_ms as number,
    nextStart: row.next_start as unknown as Offsets,
    lastStart: row.last_start as unknown as Offsets,
  };
}

/** A column's array; null where the slice has no bounds. */
const list = <Value>(row: Row, column: string): Value[] => (row[column] as Value[] | null) ?? [];

function jobsOf(row: Row): PlanEntry[] {
  const of = <Value>(column: string) => list<Value>(row, column);
  const [ranks, positions, lanes] = [
    of<string>('job_rank'),
    of<number>('job_position'),
    of<number>('job_lane'),
  ];
  const [s10, s50, s90] = [of<number>('start_p10'), of<number>('start_p50'), of<number>('start_p90')];
  const [e10, e50, e90] = [of<number>('end_p10'), of<number>('end_p50'), of<number>('end_p90')];
  const [reasons, scopes] = [of<ReasonCode>('job_reason'), of<string | null>('job_scope')];
  const [workers, slots] = [of<string | null>('job_worker'), of<number | null>('job_slot')];
  return of<string>('job_id').map((id, n) => ({
    id,
    rank: Number(ranks[n]),
    position: positions[n] as number,
    start: [s10[n], s50[n], s90[n]] as unknown as Offsets,
    end: [e10[n], e50[n], e90[n]] as unknown as Offsets,
    reason: reasons[n] as ReasonCode,
    scope: scopes[n] ?? null,
    worker: workers[n] ?? null,
    slot: slots[n] ?? null,
    lane: lanes[n] as number,
  }));
}

function runsOf(row: Row): RunEntry[] {
  const of = <Value>(column: string) => list<Value>(row, column);
  const [workers, slots] = [of<string | null>('run_worker'), of<number | null>('run_slot')];
  const [p10, p50, p90] = [of<number>('run_end_p10'), of<number>('run_end_p50'), of<number>('run_end_p90')];
  return of<string>('run_id').map((id, n) => ({
    id,
    worker: workers[n] ?? null,
    slot: slots[n] ?? null,
    end: [p10[n], p50[n], p90[n]] as unknown as Offsets,
  }));
}

function lanesOf(row: Row): LaneEntry[] {
  const of = <Value>(column: string) => list<Value>(row, column);
  const [jobs, ms] = [of<number>('lane_jobs'), of<number>('lane_ms')];
  const [ends, paces] = [of<number>('lane_end'), of<number>('lane_pace_ms')];
  return of<string>('lane_tenant').map((tenantId, n) => ({
    tenantId,
    jobs: jobs[n] as number,
    ms: ms[n] as number,
    endMs: ends[n] as number,
    paceMs: paces[n] as number,
  }));
}

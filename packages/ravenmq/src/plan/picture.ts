/** Turns rows into the picture: names become numbers, and what was not listed becomes sums. */
import { type ArrivalRow, arrivalsOf } from './arrivals.ts';
import type { Arrivals, PlanState } from './state.ts';

/** Waiting jobs that are listed in all queues together. */
export const mostWaiting = 10_000;

export interface LaneRow {
  queue: string;
  tenant_id: string;
  vtime: number;
  weight: number;
  paused: boolean;
}

export interface WaitingRow {
  id: string;
  queue: string;
  tenant_id: string;
  type: string;
  rank: number;
  p50_ms: number;
  p90_ms: number;
  mean_ms: number;
  scopes: string[] | null;
  gated: boolean;
  /** It is the last that was looked at where there may be more. */
  cut: boolean;
}

export interface RunningRow {
  id: string;
  queue: string;
  tenant_id: string;
  type: string;
  p50_ms: number;
  p90_ms: number;
  worker_id: string;
  elapsed_ms: number;
  scopes: string[] | null;
}

export interface WorkerRow {
  worker_id: string;
  slots: number;
  queues: string[] | null;
  types: string[] | null;
}

export interface WorkRow {
  queue: string;
  tenant_id: string;
  gated: boolean;
  jobs: number;
  predicted_ms: number;
}

/** What changes slowly, or costs more to find out; kept from one picture to the next. */
export interface Background {
  work: WorkRow[];
  arrivals: ArrivalRow[];
}

export interface Picture {
  state: PlanState;
  /** By lane: jobs that wait and their predicted run time, the listed ones too. */
  work: { jobs: number; ms: number }[];
  /** The first of the queues, which have settings; others are known from jobs that came. */
  queues: number;
  /** Something was cut off: sums are needed. */
  cut: boolean;
  /** The same as long as nothing has changed but the time. */
  fingerprint: string;
}

/** What was read, as it lies in the tables. */
export interface Rows {
  nowMs: number;
  queues: { name: string; paused: boolean }[];
  lanes: LaneRow[];
  waiting: WaitingRow[];
  running: RunningRow[];
  workers: WorkerRow[];
  limits: { scope: string; max: number; held: number }[];
  background: Background;
}

export function pictureOf({
  nowMs,
  queues,
  lanes,
  waiting,
  running,
  workers,
  limits,
  background,
}: Rows): Picture {
  const queueNumbers = numbering<string>(queues.map(({ name }) => name));
  const typeNumbers = numbering<string>([]);
  const limitNumbers = numbering<string>(limits.map(({ scope }) => scope));
  const workerNumbers = numbering<string>(workers.map(({ worker_id: id }) => id));
  const laneNumbers = numbering<string>([]);
  const laneRows: LaneRow[] = [];
  const laneOf = ({ queue, tenant_id }: { queue: string; tenant_id: string }, row?: LaneRow) => {
    const key = `${tenant_id} ${queue}`;
    const known = laneNumbers.size;
    const lane = laneNumbers.of(key);
    // A lane that is asleep, or behind a gate as a whole, begins where the queue's clock is.
    if (lane === known) laneRows[lane] = row ?? { queue, tenant_id, vtime: 0, weight: 1, paused: false };
    return lane;
  };
  for (const row of lanes) laneOf(row, row);
  const scopesOf = (scopes: string[] | null) =>
    (scopes ?? []).filter((scope) => limitNumbers.has(scope)).map((scope) => limitNumbers.of(scope));

  const waitingJobs = waiting.map((row) => ({
    id: row.id,
    lane: laneOf(row),
    type: typeNumbers.of(row.type),
    rank: row.rank,
    p50Ms: row.p50_ms,
    p90Ms: row.p90_ms,
    scopes: scopesOf(row.scopes),
    gated: row.gated,
  }));
  const runningJobs = running.map((row) => ({
    id: row.id,
    lane: laneOf(row),
    worker: workerNumbers.has(row.worker_id) ? workerNumbers.of(row.worker_id) : -1,
    p50Ms: row.p50_ms,
    p90Ms: row.p90_ms,
    elapsedMs: row.elapsed_ms,
    scopes: scopesOf(row.scopes),
  }));
  const arrivals: Arrivals = arrivalsOf(background.arrivals, {
    lane: laneOf,
    type: typeNumbers.of,
    scopes: scopesOf,
  });

  const listed = laneRows.map(() => ({ jobs: 0, ms: 0 }));
  waiting.forEach((row, n) => {
    const lane = listed[waitingJobs[n]?.lane as number];
    if (!lane) return;
    lane.jobs++;
    lane.ms += row.mean_ms;
  });
  const cut = waiting.some((row) => row.cut) || waiting.length >= mostWaiting;
  const work = listed.map((lane) => ({ ...lane }));
  if (cut) addSums(background.work, laneOf, laneRows, listed, work);

  const lanesOfState = laneRows.map(({ queue, tenant_id: tenantId, vtime, weight, paused }, n) => {
    const jobs = (work[n]?.jobs ?? 0) - (listed[n]?.jobs ?? 0);
    const ms = (work[n]?.ms ?? 0) - (listed[n]?.ms ?? 0);
    const beyond = jobs > 0 ? { jobs, meanMs: Math.max(1, ms / jobs) } : { jobs: 0, meanMs: 0 };
    return { queue: queueNumbers.of(queue), tenantId, vtime, weight, paused, beyond };
  });
  const workersOfState = workers.map(({ worker_id: id, slots, queues, types }) => ({
    ...{ id, slots },
    queues: queues && new Set(queues.map(queueNumbers.of)),
    types: types && new Set(types.map(typeNumbers.of)),
  }));

  return {
    work,
    cut,
    queues: queues.length,
    state: {
      nowMs,
      lanes: lanesOfState,
      workers: workersOfState,
      queues: queueNumbers.names.map(
        (name) => queues.find((queue) => queue.name === name) ?? { name, paused: false },
      ),
      types: typeNumbers.names,
      limits,
      running: runningJobs,
      waiting: waitingJobs,
      arrivals,
    },
    fingerprint: [
      ...waiting.map(({ id, rank, gated }) => `${id}${rank}${gated}`),
      ...running.map(({ id, worker_id: worker }) => `${id}${worker}`),
      ...[queues, workers, limits, lanes.map(({ tenant_id, paused }) => [tenant_id, paused])].map((some) =>
        JSON.stringify(some),
      ),
    ].join(),
  };
}

/** The sums are a little older than the list: a lane has at least what is listed of it. */
function addSums(
  sums: WorkRow[],
  laneOf: (row: WorkRow) => number,
  laneRows: LaneRow[],
  listed: { jobs: number; ms: number }[],
  work: { jobs: number; ms: number }[],
): void {
  const all = new Map<number, { jobs: number; ms: number }>();
  for (const row of sums) {
    const lane = laneOf(row);
    const sum = all.get(lane) ?? { jobs: 0, ms: 0 };
    all.set(lane, { jobs: sum.jobs + row.jobs, ms: sum.ms + row.predicted_ms });
  }
  for (let lane = 0; lane < laneRows.length; lane++) {
    const some = listed[lane] ?? { jobs: 0, ms: 0 };
    listed[lane] = some;
    const sum = all.get(lane) ?? some;
    work[lane] = { jobs: Math.max(sum.jobs, some.jobs), ms: Math.max(sum.ms, some.ms) };
  }
}

/** Names by number, in the order in which they are first asked for. */
function numbering<Name>(first: Name[]) {
  const names = [...first];
  const numbers = new Map(names.map((name, n) => [name, n]));
  return {
    names,
    get size() {
      return names.length;
    },
    has: (name: Name) => numbers.has(name),
    of: (name: Name): number => {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, names.length);
      return names.push(name) - 1;
    },
  };
}

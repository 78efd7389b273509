/** What is stored of a forecast: one record per queue, its jobs in the order in which they are to start. */
import type { Forecast, Quantiles } from './forecast.ts';
import type { Picture } from './picture.ts';
import { type ReasonCode, reasonOf } from './reasons.ts';
import type { WaitingJob } from './state.ts';

type Range = [p10: number, p50: number, p90: number];

export interface PlannedJob {
  id: string;
  lane: number;
  rank: number;
  position: number;
  start: Range;
  end: Range;
  reason: ReasonCode;
  scope: string | null;
  worker: string | null;
  slot: number | null;
}

export interface QueueRecord {
  queue: string;
  waiting: number;
  workers: number;
  slots: number;
  freeSlots: number;
  waitingMs: number;
  runningMs: number;
  nextStart: Range;
  lastStart: Range;
  lanes: { tenantId: string; jobs: number; ms: number; endMs: number; paceMs: number }[];
  jobs: PlannedJob[];
  running: { id: string; worker: string | null; slot: number | null; end: Range }[];
}

const at = ({ p10, p50, p90 }: Quantiles, n: number): Range => [
  p10[n] as number,
  p50[n] as number,
  p90[n] as number,
];

export function recordsOf({ state, work, queues }: Picture, forecast: Forecast): QueueRecord[] {
  const { board, runningEnd } = forecast;
  const slotOfRun = new Map<number, number>();
  board.occupant.forEach((place, slot) => {
    if (place >= 0) slotOfRun.set(place, slot);
  });
  const runsOf = Map.groupBy(state.running.keys(), (n) => state.lanes[state.running[n]?.lane ?? -1]?.queue);
  const waitingOf = Map.groupBy(
    state.waiting.keys(),
    (n) => state.lanes[state.waiting[n]?.lane ?? -1]?.queue,
  );

  return state.queues.slice(0, queues).map(({ name }, queue) => {
    const serving = board.classes.map(({ queues }) => queues.includes(queue));
    const slots = board.slots.filter(({ slotClass }) => serving[slotClass]);
    const freeSlots = board.slots.filter(
      ({ slotClass }, slot) => serving[slotClass] && board.occupant[slot] === -1,
    ).length;
    const running = (runsOf.get(queue) ?? []).map((n) => {
      const slot = slotOfRun.get(n);
      const { id, worker } = state.running[n] as { id: string; worker: number };
      return {
        id,
        worker: state.workers[worker]?.id ?? null,
        slot: slot === undefined ? null : (board.slots[slot]?.number ?? null),
        end: at(runningEnd, n),
      };
    });
    const ownLanes = [...state.lanes.keys()].filter((lane) => state.lanes[lane]?.queue === queue);
    const jobs = jobsOf(state, forecast, waitingOf.get(queue) ?? [], freeSlots, ownLanes);
    const lanes = lanesOf(
      jobs,
      ownLanes.map((lane) => ({
        tenantId: state.lanes[lane]?.tenantId as string,
        ...(work[lane] ?? { jobs: 0, ms: 0 }),
        beyond: state.lanes[lane]?.beyond.jobs ?? 0,
      })),
    );
    const nextStart = at(forecast.nextFree, queue);
    return {
      queue: name,
      waiting: sum(lanes, (lane) => lane.jobs),
      workers: new Set(slots.map(({ worker }) => worker)).size,
      slots: slots.length,
      freeSlots,
      waitingMs: sum(lanes, (lane) => lane.ms),
      runningMs: sum(running, ({ end }) => (Number.isFinite(end[1]) ? end[1] : 0)),
      nextStart,
      lastStart: lastStartOf(jobs, lanes, nextStart),
      ...{ lanes, jobs, running },
    };
  });
}

function jobsOf(
  state: Picture['state'],
  { board, median, start, end }: Forecast,
  places: number[],
  freeSlots: number,
  ownLanes: number[],
): PlannedJob[] {
  const laneNumbers = new Map(ownLanes.map((lane, n) => [lane, n]));
  // What nothing will run comes last, in the order of the ranks.
  const order = (n: number) => median.position[n] || Number.POSITIVE_INFINITY;
  const rank = (n: number) => (state.waiting[n] as WaitingJob).rank;
  const sorted = places.toSorted((a, b) => (order(a) === order(b) ? rank(a) - rank(b) : order(a) - order(b)));
  let last = 0;
  return sorted.map((n) => {
    const job = state.waiting[n] as WaitingJob;
    const lane = state.lanes[job.lane];
    last = median.position[n] || last + 1;
    const scope = job.gated ? (job.scopes.find((limit) => (board.places[limit] ?? 0) <= 0) ?? null) : null;
    const slot = board.slots[median.slot[n] ?? -1];
    return {
      id: job.id,
      lane: laneNumbers.get(job.lane) as number,
      rank: job.rank,
      position: last,
      start: at(start, n),
      end: at(end, n),
      scope: scope === null ? null : (state.limits[scope]?.scope ?? null),
      worker: slot ? (state.workers[slot.worker]?.id ?? null) : null,
      slot: slot?.number ?? null,
      reason: reasonOf({
        ...{ scheduled: false, due: false, leaderLives: true, retryCount: 0 },
        queuePaused: state.queues[lane?.queue ?? -1]?.paused ?? false,
        tenantPaused: lane?.paused ?? false,
        workerServes: board.classes.some(({ runs }) => runs[board.kindOf(job)]),
        scope: scope === null ? null : (state.limits[scope]?.scope ?? null),
        othersFirst: last > Math.max(1, freeSlots),
      }),
    };
  });
}

function lanesOf(
  jobs: PlannedJob[],
  lanes: { tenantId: string; jobs: number; ms: number; beyond: number }[],
): QueueRecord['lanes'] {
  const starts = Map.groupBy(jobs, ({ lane }) => lane);
  return lanes.map(({ tenantId, jobs: waiting, ms }, n) => {
    const listed = starts.get(n) ?? [];
    const endMs = Math.max(0, ...listed.map(({ start }) => start[1]));
    const paceMs = listed.length === 0 ? 0 : endMs / listed.length;
    return { tenantId, jobs: waiting, ms, endMs, paceMs };
  });
}

/** The last of the listed jobs; where a lane goes on behind them, at the lane's pace. */
function lastStartOf(jobs: PlannedJob[], lanes: QueueRecord['lanes'], nothingWaits: Range): Range {
  if (jobs.length === 0) return nothingWaits;
  const listed = Map.groupBy(jobs, ({ lane }) => lane);
  const ends = lanes.map(({ jobs: waiting, endMs, paceMs }, n) => {
    const more = waiting - (listed.get(n)?.length ?? 0);
    return more > 0 ? endMs + more * paceMs : endMs;
  });
  const last = Math.max(...ends);
  const final = jobs.reduce((latest, job) => (job.start[1] > latest.start[1] ? job : latest));
  const factor = Number.isFinite(last) && final.start[1] > 0 ? Math.max(1, last / final.start[1]) : 1;
  return final.start.map((ms) => ms * factor) as Range;
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

/** Where a job that is not in the plan yet will stand in it, from its rank alone. */

import { endOf, instant, type Offsets, type Range, rangeOf } from './range.ts';
import type { LaneEntry, PlanEntry, QueuePlan } from './read-plan.ts';

export interface Eta {
  planned_at: string;
  /** In its queue, all organizations counted; null: unknown. */
  position: number | null;
  start: Range | null;
  finish: Range | null;
}

export interface Newcomer {
  tenantId: string;
  rank: number;
  p50Ms: number;
  p90Ms: number;
  /** Milliseconds since 1970 before which it cannot start. */
  readyAtMs: number;
}

interface Placed {
  position: number;
  start: Offsets;
}

/** Plans are asked many times: their lanes are sorted once. */
const lanesOf = new WeakMap<QueuePlan, Map<string, { lane: LaneEntry; jobs: PlanEntry[] }>>();

export function etaIn(plan: QueuePlan, job: Newcomer): Eta {
  const { position, start } = placeIn(plan, job);
  // A plan speaks from when it was made, and nothing starts before it is ready.
  const earliest = job.readyAtMs - plan.plannedAtMs;
  const possible = start.map((ms) => Math.max(ms, earliest)) as unknown as Offsets;
  return {
    planned_at: instant(plan.plannedAtMs),
    position,
    start: rangeOf(plan.plannedAtMs, possible),
    finish: rangeOf(plan.plannedAtMs, endOf(possible, job)),
  };
}

function placeIn(plan: QueuePlan, { tenantId, rank }: Newcomer): Placed {
  const own = laneOf(plan, tenantId);
  // Who has nothing waiting has the next turn.
  if (!own || own.jobs.length === 0)
    return { position: Math.min(1, plan.waiting) + 1, start: plan.nextStart };
  const displaced = own.jobs[firstBehind(own.jobs, rank)];
  if (displaced) return displaced;
  const last = own.jobs.at(-1) as PlanEntry;
  const behind = own.lane.jobs - own.jobs.length + 1;
  const factor = last.start[1] > 0 ? (last.start[1] + behind * own.lane.paceMs) / last.start[1] : 1;
  return { position: plan.waiting + 1, start: last.start.map((ms) => ms * factor) as unknown as Offsets };
}

function laneOf(plan: QueuePlan, tenantId: string) {
  let lanes = lanesOf.get(plan);
  if (!lanes) {
    const jobs = Map.groupBy(plan.jobs, ({ lane }) => lane);
    lanes = new Map(
      plan.lanes.map((lane, n) => [
        lane.tenantId,
        { lane, jobs: (jobs.get(n) ?? []).toSorted((a, b) => a.rank - b.rank) },
      ]),
    );
    lanesOf.set(plan, lanes);
  }
  return lanes.get(tenantId);
}

/** By bisection: the first job with a larger rank. */
function firstBehind(jobs: PlanEntry[], rank: number): number {
  let [low, high] = [0, jobs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((jobs[middle] as PlanEntry).rank > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether the chance to miss a deadline is above one in ten; null without a deadline. */
export function isAtRisk(
  deadline: string | null,
  finish: Range | null,
  p90Ms: number,
  nowMs: number,
): boolean | null {
  if (deadline === null) return null;
  return (finish ? Date.parse(finish.p90) : nowMs + p90Ms) > Date.parse(deadline);
}

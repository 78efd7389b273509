/** How much is asked of the slots: the factor by which the times between the submissions of a trace are multiplied. */
import { SlotTimes } from '../order/slot-times.ts';
import { measuredFrom } from './measure.ts';
import type { TraceRow } from './trace.ts';

/** `moderate`, the share of the slots' time that the jobs take, or the factor itself. */
export type Load = 'moderate' | number | { timeScale: number };

/** Moderate load: first come, first served waits twice the mean run time, in the mean. */
const waitInRuntimes = 2;
/** Where batches wait longer than that whatever the load, or nobody waits, this much of the slots is used. */
const leastUtilisation = 0.05;

export function timeScaleOf(rows: readonly TraceRow[], slots: number, load: Load): number {
  // Jobs that were all submitted at once are one batch at any load.
  if (spanOf(rows) === 0) return 1;
  if (typeof load === 'object') return load.timeScale;
  if (load !== 'moderate') return utilisation(rows, slots) / load;
  const sparsest = utilisation(rows, slots) / leastUtilisation;
  const wanted = waitInRuntimes * mean(rows.map(({ runtimeMs }) => runtimeMs));
  if (fifoMeanWait(rows, slots, sparsest) >= wanted) return sparsest;
  // The wait falls as the scale grows: bisection on its logarithm.
  let [low, high] = [Math.log(sparsest) - 10, Math.log(sparsest)];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (fifoMeanWait(rows, slots, Math.exp(middle)) > wanted) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

/** Of the slots' time from the first to the last submission, at least a millisecond, at scale 1. */
export function utilisation(rows: readonly TraceRow[], slots: number): number {
  const work = rows.reduce((sum, { runtimeMs }) => sum + runtimeMs, 0);
  return work / (slots * Math.max(1, spanOf(rows)));
}

const spanOf = (rows: readonly TraceRow[]) => (rows.at(-1)?.submitMs ?? 0) - (rows[0]?.submitMs ?? 0);

function fifoMeanWait(rows: readonly TraceRow[], slots: number, scale: number): number {
  const times = new SlotTimes(slots);
  const waits = rows.map(({ submitMs, runtimeMs }) => {
    return times.start(submitMs * scale, runtimeMs) - submitMs * scale;
  });
  return mean(waits.slice(measuredFrom(rows.length)));
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

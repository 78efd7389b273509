/** The figures of a schedule. The first tenth of the jobs is not measured: the predictors start with nothing. */
import type { Schedule } from './simulate.ts';
import type { ReplayedJob } from './trace.ts';

export interface Figures {
  meanWaitMs: number;
  /** Mean of max(1, (wait + run) / max(run, 10 s)), and its percentiles. */
  slowdown: number;
  p95Slowdown: number;
  p99Slowdown: number;
  p99WaitMs: number;
  maxWaitMs: number;
  /** Mean |ln predicted - ln actual| of the medians predicted at submission. */
  logError: number;
  /** Share of the runs that took no longer than the p90 predicted at submission. */
  p90Coverage: number;
  /** Of jobs submitted near each other: sum |r_i - r_j| over the pairs predicted the wrong way round / over all. */
  misorder: number;
}

const slowdownFloorMs = 10_000;
/** Jobs submitted before it that a job is paired with. */
const nearby = 32;

/** The place of the first measured job. */
export const measuredFrom = (jobs: number): number => Math.floor(jobs / 10);

export function measure(jobs: readonly ReplayedJob[], schedule: Schedule): Figures {
  const from = measuredFrom(jobs.length);
  const measured = jobs.slice(from);
  const waits = Float64Array.from(
    measured,
    ({ submitMs }, n) => (schedule.startMs[from + n] as number) - submitMs,
  );
  const slowdowns = waits.map((wait, n) => {
    const runtimeMs = (measured[n] as ReplayedJob).runtimeMs;
    return Math.max(1, (wait + runtimeMs) / Math.max(runtimeMs, slowdownFloorMs));
  });
  const errors = waits.map((_, n) =>
    Math.abs(Math.log((schedule.p50Ms[from + n] as number) / (measured[n] as ReplayedJob).runtimeMs)),
  );
  const covered = measured.filter(({ runtimeMs }, n) => runtimeMs <= (schedule.p90Ms[from + n] as number));
  const meanWaitMs = mean(waits);
  const slowdown = mean(slowdowns);
  waits.sort();
  slowdowns.sort();
  return {
    meanWaitMs,
    slowdown,
    p95Slowdown: quantile(slowdowns, 0.95),
    p99Slowdown: quantile(slowdowns, 0.99),
    p99WaitMs: quantile(waits, 0.99),
    maxWaitMs: waits.at(-1) ?? 0,
    logError: mean(errors),
    p90Coverage: covered.length / measured.length,
    misorder: misorder(jobs, schedule.meanMs, from),
  };
}

function misorder(jobs: readonly ReplayedJob[], meanMs: Float64Array, from: number): number {
  let [wrong, all] = [0, 0];
  for (let n = from; n < jobs.length; n++) {
    for (let m = Math.max(from, n - nearby); m < n; m++) {
      const actual = (jobs[n] as ReplayedJob).runtimeMs - (jobs[m] as ReplayedJob).runtimeMs;
      const predicted = (meanMs[n] as number) - (meanMs[m] as number);
      all += Math.abs(actual);
      if (predicted === 0) wrong += Math.abs(actual) / 2;
      else if (predicted * actual < 0) wrong += Math.abs(actual);
    }
  }
  return all > 0 ? wrong / all : 0;
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of sorted values. */
const quantile = (sorted: Float64Array, q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;

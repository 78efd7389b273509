/**
 * Running statistics of how long jobs ran, with shrinkage: a level (a series, a type) knows a decayed mean of the
 * log runtime, its spread, and a decayed mean of the runtime; its parent level counts as the observation before the
 * first and is forgotten like any other. One run is an O(1) update. Pure: numbers in, numbers out.
 */

/** Runtime that is assumed for what nobody has seen, in milliseconds; it gives priority 0.5. */
const unknownMs = 3_000;

/** What the built-in types are assumed to take before the first run, in milliseconds. */
export const baseMs: ReadonlyMap<string, number> = new Map([
  ['http', 400],
  ['shell', 1_500],
  ['etl', 3_000],
  ['ml', 12_000],
]);

const logDecay = 0.8;
const linearDecay = 0.9;
/** Variance of ln(runtime) assumed before there is any: a factor of about 1.6 either way. */
const priorVariance = 0.25;
/** No series is more certain than a few percent, however alike its runs were so far. */
const leastVariance = 0.05 ** 2;
/** How many standard deviations above the mean the 90th percentile of a normal distribution lies. */
export const z90 = 1.281_551_565_545;
const shortestMs = 0.01;
const longestMs = 30 * 86_400_000;

export interface Stat {
  samples: number;
  logWeight: number;
  logMean: number;
  logSquare: number;
  weight: number;
  meanMs: number;
  /** Runs that did not succeed: counted only, they say nothing of how long success takes. */
  failed: number;
  timedOut: number;
  cancelled: number;
  crashed: number;
}

export interface Estimate {
  p50Ms: number;
  p90Ms: number;
  /** Mean of the distribution, milliseconds. */
  meanMs: number;
  /** Variance of ln(runtime), which the levels below are pulled to. */
  logVariance: number;
}

export const emptyStat = (): Stat => ({
  samples: 0,
  logWeight: 0,
  logMean: 0,
  logSquare: 0,
  weight: 0,
  meanMs: 0,
  failed: 0,
  timedOut: 0,
  cancelled: 0,
  crashed: 0,
});

/** The estimate for a type that has no statistics at all. */
export function priorOf(type: string): Estimate {
  const ms = baseMs.get(type) ?? unknownMs;
  return {
    p50Ms: ms,
    p90Ms: ms * Math.exp(z90 * Math.sqrt(priorVariance)),
    meanMs: ms,
    logVariance: priorVariance,
  };
}

/** Adds one successful run. Weighted incremental mean and variance (West 1979) with exponential forgetting. */
export function learn(stat: Stat, runtimeMs: number): Stat {
  const ms = clampMs(runtimeMs);
  const log = Math.log(ms);
  const logWeight = stat.logWeight * logDecay + 1;
  const logMean = stat.logMean + (log - stat.logMean) / logWeight;
  const weight = stat.weight * linearDecay + 1;
  return {
    ...stat,
    samples: stat.samples + 1,
    logWeight,
    logMean,
    logSquare: stat.logSquare * logDecay + (log - stat.logMean) * (log - logMean),
    weight,
    meanMs: stat.meanMs + (ms - stat.meanMs) / weight,
  };
}

const counterOf = {
  failed: 'failed',
  timed_out: 'timedOut',
  cancelled: 'cancelled',
  crashed: 'crashed',
} as const satisfies Record<string, keyof Stat>;

/** Adds one run that did not succeed. */
export function count(stat: Stat, outcome: keyof typeof counterOf): Stat {
  const counter = counterOf[outcome];
  return { ...stat, [counter]: stat[counter] + 1 };
}

/** The estimate of a level, pulled to its parent's by what is left of the parent's weight. */
export function estimate(stat: Stat | undefined, parent: Estimate): Estimate {
  if (!stat || stat.samples === 0) return parent;
  const logPull = logDecay ** stat.samples;
  const log = (stat.logWeight * stat.logMean + logPull * Math.log(parent.p50Ms)) / (stat.logWeight + logPull);
  const variance = (stat.logSquare + logPull * parent.logVariance) / (stat.logWeight + logPull);
  const logVariance = Math.max(leastVariance, variance);
  const pull = linearDecay ** stat.samples;
  const mean = (stat.weight * stat.meanMs + pull * parent.meanMs) / (stat.weight + pull);
  const p50Ms = clampMs(Math.exp(log));
  return {
    p50Ms,
    p90Ms: clampMs(p50Ms * Math.exp(z90 * Math.sqrt(logVariance))),
    meanMs: clampMs(mean),
    logVariance,
  };
}

/** What can be stored and compared, whatever was measured or computed. */
export function clampMs(ms: number): number {
  if (!Number.isFinite(ms)) return ms === Number.POSITIVE_INFINITY ? longestMs : unknownMs;
  return Math.min(longestMs, Math.max(shortestMs, ms));
}

/**
 * What the nets see of a job: the last runs of its series one by one, and what is known of it at once. All runtimes are
 * natural logarithms relative to the baseline, the shrunk log mean of the history, so that a net learns what the
 * baseline gets wrong and series of all lengths look alike. Every feature is finite and within +-5.
 */
import { waysToBeAlike } from './alike.ts';
import type { Job, Outcome, Run } from './candidate.ts';
import { type History, type Level, levelCount } from './history.ts';
import { likeness, ofLikeness } from './likeness.ts';

/** Steps of the sequence at most. */
export const steps = 12;
/** Features of a step: see `encodeRun`. */
export const inputs = 12;
const perLevel = 8 + ofLikeness;
const ofAlike = 4;
const ofJob = 23;
export const statics = levelCount * perLevel + waysToBeAlike * ofAlike + ofJob;

/** A job as the nets see it. */
export interface Encoded {
  /** [length x inputs], the latest run last. */
  sequence: Float32Array;
  /** [statics] */
  statics: Float32Array;
  /** ln milliseconds of the baseline. */
  base: number;
  /** Standard deviation of ln runtime as the history knows it. */
  spread: number;
  /** Mean runtime as the history knows it. */
  meanMs: number;
}

/** Successful runs that a level must have for its runs to be the sequence. */
const leastRuns = 2;

/** `alike`: ln milliseconds of the last runs of jobs like this one, by the way in which they are. */
export function encode(job: Job, history: History, alike: readonly (readonly number[])[]): Encoded {
  const { p50Ms, meanMs, logVariance } = history.estimate(job);
  const base = Math.log(p50Ms);
  const levels = history.levels(job);
  const spread = Math.sqrt(logVariance);
  const finest = levels.find((level) => level !== undefined && level.runs.length >= leastRuns);
  const runs = finest?.runs.slice(-steps) ?? [];
  const sequence = new Float32Array(runs.length * inputs);
  runs.forEach((run, n) => {
    put(sequence, n * inputs, encodeRun(job, run, runs[n - 1], base));
  });
  const features = new Float32Array(statics);
  levels.forEach((level, n) => {
    if (level && level.runs.length > 0) put(features, n * perLevel, encodeLevel(job, level, base));
  });
  const afterLevels = levelCount * perLevel;
  alike.forEach((logs, n) => {
    if (logs.length > 0) put(features, afterLevels + n * ofAlike, encodeAlike(logs, base));
  });
  put(features, afterLevels + waysToBeAlike * ofAlike, encodeJob(job, levels, base, spread));
  return { sequence, statics: features, base, spread, meanMs };
}

function encodeRun(job: Job, run: Run, before: Run | undefined, base: number): number[] {
  return [
    (logOf(run.runtimeMs) - base) / 2,
    logHours(job.readyAtMs - run.finishedAtMs),
    before ? logHours(run.readyAtMs - before.readyAtMs) : 0,
    ...hour(run.readyAtMs),
    logRatio(run.requestedMs, job.requestedMs) / 2,
    Number(run.requestedMs === job.requestedMs),
    logRatio(run.sizeHint, job.sizeHint) / 2,
    Number(run.user === job.user),
    Number(run.variant === job.variant),
    logRatio(run.runtimeMs, run.requestedMs) / 2,
    Number(run.attempt > 1),
  ];
}

function encodeLevel(job: Job, { runs, stat }: Level, base: number): number[] {
  const logs = runs.map(({ runtimeMs }) => logOf(runtimeMs));
  const sorted = logs.toSorted((a, b) => a - b);
  const relative = (log: number | undefined) => (log ?? base) - base;
  return [
    relative(stat.logMean),
    relative(logs.at(-1)),
    relative((logs.at(-1) ?? base) / 2 + (logs.at(-2) ?? logs.at(-1) ?? base) / 2),
    relative(sorted[sorted.length >> 1]),
    relative(sorted[0]),
    relative(sorted.at(-1)),
    Math.sqrt(stat.logSquare / Math.max(1, stat.logWeight)),
    Math.log1p(stat.samples) / 4,
    ...likeness(job, runs, logs, base),
  ];
}

function encodeAlike(logs: readonly number[], base: number): number[] {
  const median = logs.toSorted((a, b) => a - b)[logs.length >> 1] as number;
  const relative = (log: number) => log - base;
  return [
    relative(logs.at(-1) as number),
    relative(median),
    relative(mean(logs)),
    Math.log1p(logs.length) / 3,
  ];
}

function encodeJob(job: Job, levels: readonly (Level | undefined)[], base: number, spread: number): number[] {
  const finest = levels.find((level) => level !== undefined && level.runs.length > 0);
  const failing = levels.find((level) => level !== undefined)?.lastOutcome;
  return [
    (base - Math.log(60_000)) / 5,
    Math.log(spread) / 2,
    ...hour(job.readyAtMs),
    ...meanOfThose(
      levels,
      base,
      (run) => job.requestedMs !== undefined && run.requestedMs === job.requestedMs,
    ),
    ...meanOfThose(levels, base, (run) => job.sizeHint !== undefined && run.sizeHint === job.sizeHint),
    ...meanOfThose(levels, base, (run) => run.user === job.user),
    ...requestFeatures(job, finest, base),
    ...sizeFeatures(job, finest, base),
    finest?.runs.length ? logHours(job.readyAtMs - (finest.runs.at(-1) as Run).finishedAtMs) : 5,
    Number(job.attempt > 1),
    ...(['failed', 'timed_out', 'crashed'] satisfies Outcome[]).map((outcome) =>
      Number(job.previousOutcome === outcome),
    ),
    Number(failing !== undefined && failing !== 'done'),
  ];
}

/** The mean of such runs in the finest level that has any, and whether there are. */
function meanOfThose(
  levels: readonly (Level | undefined)[],
  base: number,
  such: (run: Run) => boolean,
): [number, number] {
  for (const level of levels) {
    const logs = level?.runs.filter(such).map(({ runtimeMs }) => logOf(runtimeMs)) ?? [];
    if (logs.length > 0) return [mean(logs) - base, Math.min(1, logs.length / 4)];
  }
  return [0, 0];
}

/** Whether time was asked for, how much, and what the series usually takes of what it asks for. */
function requestFeatures(job: Job, finest: Level | undefined, base: number): [number, number, number] {
  if (job.requestedMs === undefined) return [0, 0, 0];
  const request = logOf(job.requestedMs);
  const ratios = (finest?.runs ?? []).flatMap(({ runtimeMs, requestedMs }) =>
    requestedMs === undefined ? [] : [logOf(runtimeMs) - logOf(requestedMs)],
  );
  const usual = ratios.length > 0 ? mean(ratios) + request - base : 0;
  return [1, request - base, usual];
}

/**
 * How much there is to do, by itself and against the usual; what it would take in proportion, and as the runs depend on
 * their size: ordinary least squares of the logarithms, the slope pulled to 0.
 */
function sizeFeatures(job: Job, finest: Level | undefined, base: number): [number, number, number, number] {
  if (job.sizeHint === undefined) return [0, 0, 0, 0];
  const size = logSize(job.sizeHint);
  const sized = (finest?.runs ?? []).flatMap(({ runtimeMs, sizeHint }) =>
    sizeHint === undefined ? [] : [{ log: logOf(runtimeMs), size: logSize(sizeHint) }],
  );
  if (sized.length === 0) return [size / 5, 0, 0, 0];
  const log = mean(sized.map((run) => run.log));
  const more = size - mean(sized.map((run) => run.size));
  let [together, alone] = [0, 0.1];
  for (const run of sized) {
    together += (run.size - (size - more)) * (run.log - log);
    alone += (run.size - (size - more)) ** 2;
  }
  return [size / 5, more, log + more - base, log + (together / alone) * more - base];
}

const logSize = (size: number): number => Math.log1p(Math.max(0, size));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const logOf = (ms: number): number => Math.log(Math.max(0.01, ms));

/** 0 where either is not known. */
const logRatio = (one: number | undefined, other: number | undefined): number =>
  one === undefined || other === undefined ? 0 : Math.log(Math.max(0.01, one) / Math.max(0.01, other));

const logHours = (ms: number): number => Math.log1p(Math.max(0, ms) / 3_600_000) / 2;

function hour(ms: number): [number, number] {
  const angle = (ms / 86_400_000) * 2 * Math.PI;
  return [Math.sin(angle), Math.cos(angle)];
}

function put(to: Float32Array, at: number, features: number[]): void {
  features.forEach((feature, n) => {
    to[at + n] = feature > 5 ? 5 : feature < -5 ? -5 : Number.isNaN(feature) ? 0 : feature;
  });
}

/**
 * What several predictors say, taken together: the weighted mean of the logarithms. The weights are learned from the
 * runs that ended, by exponentiated gradient (Kivinen and Warmuth, 1997) of |ln predicted - ln actual|, and each keeps a
 * small share (Herbster and Warmuth, 1998), so that who was wrong for long can come back. So it is about as good as the
 * best fixed mean, which is better than its best member where these err differently, and who is broken is soon out of it.
 */
import type { Prediction } from './candidate.ts';

/** How far one run moves the weights: by e to this power where a predictor is 1 off the mean in ln runtime. */
const rate = 0.05;
/** What all together keep, whatever they said. */
const shared = 0.00005;
/** Errors smaller than it, in ln runtime, count by their square; a member differs from the mean by no more than `far`. */
const roundness = 0.5;
const far = 2;

export const evenWeights = (members: number): number[] => Array<number>(members).fill(1 / members);

/** `members` in the order of the weights. For one that is no number the first that is one stands in. */
export function mixed(weights: readonly number[], members: readonly Prediction[]): Prediction {
  const usable = replaced(members);
  const of = (ms: (prediction: Prediction) => number) =>
    Math.exp(meanLog(weights, usable.map(ms).map(Math.log)));
  return {
    p50Ms: of(({ p50Ms }) => p50Ms),
    p90Ms: of(({ p90Ms }) => p90Ms),
    meanMs: of(({ meanMs }) => meanMs),
  };
}

/** The weights after a run of `runtimeMs`, of which the members had said so. */
export function reweighed(
  weights: readonly number[],
  members: readonly Prediction[],
  runtimeMs: number,
): number[] {
  const logs = replaced(members).map(({ p50Ms }) => Math.log(p50Ms));
  const together = meanLog(weights, logs);
  const error = limited((together - Math.log(runtimeMs)) / roundness, 1);
  if (Number.isNaN(error)) return [...weights];
  const moved = weights.map(
    (weight, n) => weight * Math.exp(-rate * error * limited((logs[n] as number) - together, far)),
  );
  const sum = moved.reduce((all, weight) => all + weight, 0);
  return moved.map((weight) => (1 - shared) * (weight / sum) + shared / weights.length);
}

function replaced(members: readonly Prediction[]): Prediction[] {
  const first = members.find(isUsable) ?? (members[0] as Prediction);
  return members.map((prediction) => (isUsable(prediction) ? prediction : first));
}

export function isUsable({ p50Ms, p90Ms, meanMs }: Prediction): boolean {
  return [p50Ms, p90Ms, meanMs].every((ms) => Number.isFinite(ms) && ms > 0);
}

const meanLog = (weights: readonly number[], logs: readonly number[]): number =>
  logs.reduce((sum, log, n) => sum + (weights[n] as number) * log, 0);

const limited = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value));

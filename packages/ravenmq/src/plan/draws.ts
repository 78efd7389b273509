/**
 * Run times drawn from what is predicted of them: log-normal, which two quantiles fix and which fits run times well.
 * All draws come from one seeded generator, so that the same picture gives the same plan.
 */
import type { Spread } from './state.ts';

/** The 90th percentile of the standard normal distribution. */
const z90 = 1.2815515655446004;
/** Spread of ln run time where the prediction says none: nobody knows yet. */
const unknownSigma = 0.8;
/** The surest series still differ by this much. */
const leastSigma = 0.03;
/** A running job has always this share of its elapsed time before it, in the surest case. */
const leastLeft = 0.02;

export type Random = () => number;

/** Mulberry32 (Ettinger 2017): uniform in (0, 1). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4_294_967_296;
  };
}

/** Standard deviation of ln run time. */
function sigmaOf({ p50Ms, p90Ms }: Spread): number {
  if (p90Ms <= p50Ms) return unknownSigma;
  return Math.max(leastSigma, Math.log(p90Ms / Math.max(p50Ms, 1e-3)) / z90);
}

/** A standard normal number (Box and Muller 1958). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());

/** The run time at `z` standard deviations from its median, in milliseconds. */
export const runtimeAt = (spread: Spread, z: number): number => spread.p50Ms * Math.exp(sigmaOf(spread) * z);

/**
 * What is left of a run that took `elapsedMs` so far, in milliseconds: the share `u` of the run times that are still
 * possible are shorter.
 */
export function leftAt(spread: Spread, elapsedMs: number, u: number): number {
  if (elapsedMs <= 0) return runtimeAt(spread, quantileOfNormal(u)) - Math.min(0, elapsedMs);
  const sigma = sigmaOf(spread);
  const z = Math.log(elapsedMs / spread.p50Ms) / sigma;
  return Math.max(spread.p50Ms * Math.exp(sigma * beyond(z, u)) - elapsedMs, leastLeft * u * elapsedMs);
}

/** The quantile `u` of a standard normal number that is known to be above `z`. */
function beyond(z: number, u: number): number {
  // Far out the tail falls like that of an exponential distribution, and the cumulative one is 1 to all its digits.
  if (z > 4) return z - Math.log(1 - u) / z;
  const passed = cumulativeNormal(z);
  return quantileOfNormal(Math.min(1 - 1e-9, passed + u * (1 - passed)));
}

/** Abramowitz and Stegun 26.2.17; off by less than 1e-7. */
export function cumulativeNormal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    0.3989422804014327 *
    Math.exp((-z * z) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

/** Acklam 2003; off by less than 2e-9 of the value. */
export function quantileOfNormal(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (p > 0.97575) return -quantileOfNormal(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return over(tailTop, q) / (over(tailBottom, q) * q + 1);
  }
  const q = p - 0.5;
  return (over(top, q * q) * q) / (over(bottom, q * q) * q * q + 1);
}

/** A polynomial, the highest power first. */
const over = (factors: readonly number[], x: number) => factors.reduce((sum, factor) => sum * x + factor, 0);

const top = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
];
const bottom = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
];
const tailTop = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const tailBottom = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];

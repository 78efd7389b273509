/**
 * Scores of several predictors on the same runs, each predicted before it was learned. Two questions decide:
 *
 * - misorder: what the order costs. Of nearby runs i and j, the sum of |r_i - r_j| over the pairs that the predictions
 *   put the wrong way round, divided by that sum over all pairs: 0 for the true order, about 0.5 for chance.
 * - logError: how far the reported median is off, the mean of |ln predicted - ln actual|.
 *
 * Two more are for people: mape, the mean of |predicted - actual| / actual of the median, and coverage, the share of
 * runs that took no longer than the predicted p90 (0.9 is right).
 *
 * All forget. Plain data, so that it can be stored.
 */
import type { Prediction } from './candidate.ts';

/** Runs after which a run counts half. A few long ones make most of the mis-order cost, so it needs more of them. */
const decay = 0.5 ** (1 / 500);
const decayOfPairs = 0.5 ** (1 / 2_000);
/** Earlier runs that a run is paired with. */
const nearby = 64;

export interface Scores {
  runs: number;
  /** Decayed sum of |r_i - r_j|, and by predictor that over the wrong pairs. */
  pairs: number;
  wrong: number[];
  /** Decayed sum of ones, and by predictor that of the log errors. */
  weight: number;
  logError: number[];
  ape: number[];
  covered: number[];
  /** The last runs: what they took and what was predicted for the order, by predictor. */
  last: { runtimeMs: number; ordered: number[] }[];
}

export const noScores = (predictors: number): Scores => ({
  runs: 0,
  pairs: 0,
  wrong: Array<number>(predictors).fill(0),
  weight: 0,
  logError: Array<number>(predictors).fill(0),
  ape: Array<number>(predictors).fill(0),
  covered: Array<number>(predictors).fill(0),
  last: [],
});

/** An error that no working predictor makes: what is not a number counts as this. */
const hopeless = 20;
/** One run that ends at once must not be all that a mean percentage tells of. */
const worstApe = 100;

/** Adds a run; the predictions in the order of the predictors. */
export function observe(scores: Scores, runtimeMs: number, predictions: Prediction[]): void {
  scores.runs++;
  scores.pairs *= decayOfPairs;
  scores.weight = scores.weight * decay + 1;
  const ordered = predictions.map(({ meanMs }) => meanMs);
  const actual = Math.log(runtimeMs);
  const add = (sums: number[], n: number, value: number) => {
    sums[n] = (sums[n] as number) * decay + value;
  };
  predictions.forEach(({ p50Ms, p90Ms }, n) => {
    const error = Math.abs(Math.log(p50Ms) - actual);
    add(scores.logError, n, Number.isFinite(error) ? Math.min(error, hopeless) : hopeless);
    const ape = Math.abs(p50Ms - runtimeMs) / runtimeMs;
    add(scores.ape, n, Number.isFinite(ape) ? Math.min(ape, worstApe) : worstApe);
    add(scores.covered, n, runtimeMs <= p90Ms ? 1 : 0);
    scores.wrong[n] = (scores.wrong[n] as number) * decayOfPairs;
  });
  for (const other of scores.last) {
    const difference = runtimeMs - other.runtimeMs;
    const cost = Math.abs(difference);
    scores.pairs += cost;
    for (let n = 0; n < ordered.length; n++) {
      const predicted = (ordered[n] as number) - (other.ordered[n] as number);
      const share = wrongness(predicted, difference);
      if (share > 0) scores.wrong[n] = (scores.wrong[n] as number) + share * cost;
    }
  }
  scores.last.push({ runtimeMs, ordered });
  if (scores.last.length > nearby) scores.last.shift();
}

/** 1 for the wrong way round or no number, 1/2 for a tie. */
function wrongness(predicted: number, actual: number): number {
  if (predicted === 0) return 0.5;
  return predicted * actual > 0 ? 0 : 1;
}

export type Question = 'misorder' | 'logError';

/** All four scores of a predictor; zeros before there was anything to judge. */
export function scoresOf(scores: Scores, predictor: number): Record<Question | 'mape' | 'coverage', number> {
  const mean = (sums: number[]) => (scores.weight > 0 ? (sums[predictor] as number) / scores.weight : 0);
  return {
    misorder: costOf(scores, 'misorder', predictor),
    logError: mean(scores.logError),
    mape: mean(scores.ape),
    coverage: mean(scores.covered),
  };
}

/** The mean cost of a predictor; 0 before there was anything to get wrong. */
export function costOf(scores: Scores, question: Question, predictor: number): number {
  const [sum, weight] =
    question === 'misorder' ? [scores.wrong, scores.pairs] : [scores.logError, scores.weight];
  return weight > 0 ? (sum[predictor] as number) / weight : 0;
}

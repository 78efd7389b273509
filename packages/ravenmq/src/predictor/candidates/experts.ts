/**
 * Plain rules of thumb, the best of which is chosen for every series: the last run, the mean of the last two
 * (Tsafrir, Etsion, Feitelson 2007) and the median of the last nine, on every level of the series, and what the
 * submitter asked for. The best one is that of the lowest decayed log error.
 */
import type { Candidate, Job } from '../candidate.ts';
import { type History, type Level, levelCount } from '../history.ts';
import { clampMs, z90 } from '../running-stats.ts';

const rules = [last, meanOfTwo, medianOfNine] as const;
/** rule of level: `level * rules.length + rule`; then the request. */
const expertCount = levelCount * rules.length + 1;
const requested = expertCount - 1;

/** What a score forgets per run of the series, and of all. */
const decay = 0.98;
const decayOfAll = 0.998;
/** Runs of a series that the score over all counts as in the score of the series. */
const pull = 20;
/** Series that are scored by themselves; the longest unused beyond it fall back to the scores of all. */
const seriesKept = 20_000;

/** Decayed sums per expert: of |ln predicted - ln actual|, of its square, and of ones. */
interface Scores {
  error: Float64Array;
  square: Float64Array;
  weight: Float64Array;
}

export function experts(): Candidate<History> {
  const ofAll = emptyScores();
  const bySeries = new Map<string, Scores>();
  /** What was said when a job was asked about: a run that is the same object is scored by that. */
  const said = new WeakMap<Job, Float64Array>();
  return {
    name: 'experts',
    predict(job, history) {
      const guesses = guessesOf(job, history);
      if (!said.has(job)) said.set(job, guesses);
      const scores = bySeries.get(seriesOf(job));
      const best = bestOf(guesses, scores, ofAll);
      if (best < 0) return history.estimate(job);
      const ms = clampMs(guesses[best] as number);
      const spread = Math.sqrt(pulled(scores?.square, scores, ofAll.square, ofAll, best));
      return { p50Ms: ms, p90Ms: clampMs(ms * Math.exp(z90 * spread)), meanMs: ms };
    },
    learn(run, history) {
      if (run.outcome !== 'done') return;
      const guesses = said.get(run) ?? guessesOf(run, history);
      const key = seriesOf(run);
      const scores = bySeries.get(key) ?? emptyScores();
      bySeries.delete(key);
      bySeries.set(key, scores);
      if (bySeries.size > seriesKept) bySeries.delete(bySeries.keys().next().value as string);
      const actual = Math.log(clampMs(run.runtimeMs));
      score(scores, guesses, actual, decay);
      score(ofAll, guesses, actual, decayOfAll);
    },
  };
}

const seriesOf = ({ tenant, type, name }: Job) => JSON.stringify([tenant, type, name]);

const emptyScores = (): Scores => ({
  error: new Float64Array(expertCount),
  square: new Float64Array(expertCount),
  weight: new Float64Array(expertCount),
});

/** Milliseconds per expert; NaN where it has nothing to say. */
function guessesOf(job: Job, history: History): Float64Array {
  const guesses = new Float64Array(expertCount);
  history.levels(job).forEach((level, n) => {
    rules.forEach((rule, m) => {
      guesses[n * rules.length + m] = level && level.runs.length > 0 ? rule(level) : Number.NaN;
    });
  });
  guesses[requested] = job.requestedMs ?? Number.NaN;
  return guesses;
}

function score(scores: Scores, guesses: Float64Array, actual: number, forget: number): void {
  for (let n = 0; n < expertCount; n++) {
    const ms = guesses[n] as number;
    if (!(ms > 0)) continue;
    const error = Math.abs(Math.log(ms) - actual);
    scores.error[n] = (scores.error[n] as number) * forget + error;
    scores.square[n] = (scores.square[n] as number) * forget + error * error;
    scores.weight[n] = (scores.weight[n] as number) * forget + 1;
  }
}

/** The expert of the lowest error among those that can answer; -1 when none can. The finer level wins a tie. */
function bestOf(guesses: Float64Array, scores: Scores | undefined, ofAll: Scores): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < expertCount; n++) {
    if (!((guesses[n] as number) > 0)) continue;
    const error = pulled(scores?.error, scores, ofAll.error, ofAll, n);
    if (error < least) [best, least] = [n, error];
  }
  return best;
}

/** Mean of a series' sum, with the mean over all as so many more observations. */
function pulled(
  sum: Float64Array | undefined,
  scores: Scores | undefined,
  sumOfAll: Float64Array,
  ofAll: Scores,
  n: number,
): number {
  const weight = ofAll.weight[n] as number;
  const general = weight > 0 ? (sumOfAll[n] as number) / weight : 1;
  return ((sum?.[n] ?? 0) + pull * general) / ((scores?.weight[n] ?? 0) + pull);
}

function last({ runs }: Level): number {
  return runs.at(-1)?.runtimeMs ?? Number.NaN;
}

function meanOfTwo({ runs }: Level): number {
  const one = runs.at(-1)?.runtimeMs ?? Number.NaN;
  return (one + (runs.at(-2)?.runtimeMs ?? one)) / 2;
}

function medianOfNine({ runs }: Level): number {
  const sorted = runs
    .slice(-9)
    .map((run) => run.runtimeMs)
    .sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

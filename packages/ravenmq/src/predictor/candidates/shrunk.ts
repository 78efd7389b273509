/** Layer 1 as candidates: the shrunk statistics of the history; they keep nothing of their own. */
import type { Candidate } from '../candidate.ts';
import type { History } from '../history.ts';

/** Orders by the geometric mean, as if there were no tails. */
export const shrunkLogMean = (): Candidate<History> => ({
  name: 'shrunk-log-mean',
  alone: true,
  predict(job, history) {
    const { p50Ms, p90Ms } = history.estimate(job);
    return { p50Ms, p90Ms, meanMs: p50Ms };
  },
  learn() {},
});

/** Orders by the arithmetic mean: what the running system does before any model was promoted. */
export const shrunkMean = (): Candidate<History> => ({
  name: 'shrunk-mean',
  alone: true,
  predict(job, history) {
    const { p50Ms, p90Ms, meanMs } = history.estimate(job);
    return { p50Ms, p90Ms, meanMs };
  },
  learn() {},
});

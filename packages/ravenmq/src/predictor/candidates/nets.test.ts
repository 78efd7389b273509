import { describe, expect, test } from 'vitest';
import { aJob, aRun } from '../../../test/runs.ts';
import type { Candidate, Job, Prediction, Run } from '../candidate.ts';
import { encode } from '../features.ts';
import { History } from '../history.ts';
import { normal, seeded } from '../net/random.ts';
import { runRefit } from '../net/train.ts';
import { shapeOf } from '../window.ts';
import { linear } from './linear.ts';
import { type NetCandidate, residualNet } from './residual-net.ts';
import { shrunkMean } from './shrunk.ts';

/** As the LSTM in use, but small. */
const smallLstm = ({ seed = 1, inline = false } = {}) =>
  residualNet('lstm', {
    shape: shapeOf({ hidden: 8, layers: 2, dense: 8 }),
    training: { rate: 0.01, decay: 0.1 },
    visits: 4_000,
    seed,
    inline,
  });

const kinds = { linear, lstm: smallLstm };

/** Asks about every run before it is learned; answers what was said, in the order of the runs. */
function go(candidate: Candidate<History>, runs: Run[], history = new History()): Prediction[] {
  return runs.map((run) => {
    const prediction = candidate.predict(run, history);
    candidate.learn(run, history);
    history.add(run);
    return prediction;
  });
}

/** Mean |ln predicted - ln actual| of the last half. */
function errorOf(candidate: Candidate<History>, runs: Run[]): number {
  const half = runs.length >> 1;
  const errors = go(candidate, runs).map(({ p50Ms }, n) =>
    Math.abs(Math.log(p50Ms / (runs[n] as Run).runtimeMs)),
  );
  return errors.slice(half).reduce((sum, error) => sum + error, 0) / (runs.length - half);
}

/** One after another, a minute apart. */
const inTurn = (count: number, runOf: (n: number) => [runtimeMs: number, some?: Partial<Run>]): Run[] =>
  Array.from({ length: count }, (_, n) => {
    const [runtimeMs, some] = runOf(n);
    return aRun(runtimeMs, { readyAtMs: n * 60_000, finishedAtMs: n * 60_000 + 30_000, ...some });
  });

const noisy = (count: number, seed = 1) => {
  const random = seeded(seed);
  return inTurn(count, () => [1_000 * Math.exp(normal(random))]);
};

describe.each(Object.entries(kinds))('the candidate %s', (_, make) => {
  test('says what the shrunk mean says as long as it was not trained', () => {
    const runs = noisy(50);
    expect(go(make(), runs).slice(1)).toEqual(
      go(shrunkMean(), runs)
        .slice(1)
        .map(({ p50Ms, p90Ms, meanMs }) => ({
          p50Ms: expect.closeTo(p50Ms, 6),
          p90Ms: expect.closeTo(p90Ms, 0),
          meanMs,
        })),
    );
  });

  test('wants a refit when enough runs came, or when asked; not while it rests', () => {
    const candidate = make();
    expect(candidate.refit(true)).toBeUndefined();
    go(candidate, noisy(250));
    expect(candidate.refit()?.samples.count).toBe(250);
    expect(candidate.refit()).toBeUndefined();
    expect(candidate.refit(true)?.samples.count).toBe(250);
    go(candidate, noisy(800, 2));
    candidate.rest();
    expect(candidate.refit()).toBeUndefined();
  });

  test('with the same seed says the same', () => {
    const said = () => go(make({ seed: 3, inline: true }), noisy(250)).at(-1);
    expect(said()).toEqual(said());
  });

  test('whose weights are not numbers says what the baseline says, and recovers', () => {
    const candidate = make();
    const history = new History();
    go(candidate, noisy(300), history);
    candidate.take(new Float32Array(candidate.weights.length).fill(Number.NaN));
    go(candidate, noisy(300, 2), history);
    const { p50Ms, p90Ms, meanMs } = candidate.predict(aJob(), history);
    const baseline = history.estimate(aJob());
    expect(p50Ms).toBeCloseTo(baseline.p50Ms, 6);
    expect(p90Ms).toBeCloseTo(baseline.p90Ms, 0);
    expect(meanMs).toBe(baseline.meanMs);

    candidate.take(runRefit(candidate.refit() as NonNullable<ReturnType<NetCandidate['refit']>>).weights);
    expect(candidate.weights.every(Number.isFinite)).toBe(true);
  });

  test('with weights by chance costs little', () => {
    const candidate = make();
    const random = seeded(4);
    candidate.take(Float32Array.from(candidate.weights, () => normal(random)));
    const runs = noisy(400, 5);
    expect(errorOf(candidate, runs)).toBeLessThan(1.02 * errorOf(shrunkMean(), runs));
  });

  test('answers any job with positive, finite numbers', () => {
    const candidate = make({ inline: true });
    const history = new History();
    go(candidate, noisy(250), history);
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0, 1e300];
    const jobs = odd.flatMap((value): Partial<Job>[] => [
      { sizeHint: value },
      { requestedMs: value },
      { readyAtMs: value },
      { name: 'never seen', sizeHint: value },
    ]);
    for (const job of jobs) {
      for (const ms of Object.values(candidate.predict(aJob(job), history))) {
        expect(ms).toBeGreaterThan(0);
        expect(Number.isFinite(ms)).toBe(true);
      }
      const { statics, sequence } = encode(aJob(job), history, []);
      for (const feature of [...statics, ...sequence]) expect(Math.abs(feature)).toBeLessThanOrEqual(5);
    }
  });

  test('learns what a size hint says', () => {
    const random = seeded(6);
    const runs = inTurn(1_000, () => {
      const sizeHint = Math.exp(2 * random());
      return [1_000 * sizeHint ** 2, { sizeHint }];
    });
    expect(errorOf(make({ inline: true }), runs)).toBeLessThan(0.4 * errorOf(shrunkMean(), runs));
  });
});

describe('the LSTM', () => {
  test('learns an order of the runs that means, medians and the last run do not show', () => {
    const random = seeded(7);
    const order = [1, 1, 60, 1, 60, 60, 1];
    const runs = inTurn(1_100, (n) => [1_000 * (order[n % 7] as number) * Math.exp(0.3 * normal(random))]);
    const error = errorOf(smallLstm({ inline: true }), runs);
    expect(error).toBeLessThan(0.5 * errorOf(shrunkMean(), runs));
    expect(error).toBeLessThan(0.7 * errorOf(linear({ inline: true }), runs));
  });
});

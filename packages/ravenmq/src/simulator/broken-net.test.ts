import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Candidate } from '../predictor/candidate.ts';
import { experts } from '../predictor/candidates/experts.ts';
import { linear } from '../predictor/candidates/linear.ts';
import { shrunkLogMean, shrunkMean } from '../predictor/candidates/shrunk.ts';
import { createChampion } from '../predictor/champion.ts';
import type { History } from '../predictor/history.ts';
import { normal, seeded } from '../predictor/net/random.ts';
import { timeScaleOf } from './load.ts';
import { measure } from './measure.ts';
import { oracle } from './oracle.ts';
import { readTrace } from './read-trace.ts';
import { simulate } from './simulate.ts';
import { jobsOf, type TraceRow } from './trace.ts';

const slots = 8;
const jobsReplayed = 1_500;

/** A net as training would never leave it. */
function brokenNet(weight: () => number): Candidate<History> {
  const net = linear();
  net.take(net.weights.slice().map(weight));
  return net;
}

/** Says anything, with confidence. */
function gambler(): Candidate<History> {
  const random = seeded(2);
  const predict = () => {
    const ms = Math.exp(12 + 3 * normal(random));
    return { p50Ms: ms, p90Ms: ms, meanMs: ms };
  };
  return { name: 'gambler', predict, learn() {} };
}

function broken(): Candidate<History>[] {
  const random = seeded(1);
  return [brokenNet(() => Number.NaN), brokenNet(() => normal(random)), gambler()];
}

const simple = (): [Candidate<History>, ...Candidate<History>[]] => [
  shrunkMean(),
  shrunkLogMean(),
  experts(),
];

/** Points of the gap of the mean wait that broken candidates cost. */
function costOn(rows: TraceRow[]): number {
  const scale = timeScaleOf(rows, slots, 'moderate');
  const waitOf = (policy: 'fifo' | 'shortest' | 'adaptive', predictor?: Candidate<History>) => {
    const jobs = jobsOf(rows, scale);
    return measure(jobs, simulate({ jobs, slots, policy, predictor: predictor ?? oracle(jobs) })).meanWaitMs;
  };
  const range = waitOf('fifo') - waitOf('shortest');
  const sound = waitOf('adaptive', createChampion(simple()));
  return (100 * (waitOf('adaptive', createChampion([...simple(), ...broken()])) - sound)) / range;
}

describe('broken nets among the candidates', () => {
  test('cost at most a point on average and five on any trace', async () => {
    const traces = await Promise.all(
      ['gha5', 'julia'].map((name) =>
        readTrace(fileURLToPath(new URL(`../../../../bench/traces/${name}.csv.gz`, import.meta.url))),
      ),
    );
    const costs = traces.flatMap((rows) => [
      costOn(rows.slice(0, jobsReplayed)),
      costOn(rows.slice(-jobsReplayed)),
    ]);
    expect(Math.max(...costs)).toBeLessThan(5);
    expect(costs.reduce((sum, cost) => sum + cost, 0) / costs.length).toBeLessThan(1);
  });
});

import { describe, expect, test } from 'vitest';
import { aJob, aRun } from '../../../test/runs.ts';
import type { Candidate, Run } from '../candidate.ts';
import { History } from '../history.ts';
import { basePerType } from './base-per-type.ts';
import { classic } from './classic.ts';
import { experts } from './experts.ts';
import { shrunkLogMean, shrunkMean } from './shrunk.ts';

function taught(candidate: Candidate<History>, runs: Run[]) {
  const history = new History();
  for (const run of runs) {
    candidate.learn(run, history);
    history.add(run);
  }
  return (some: Parameters<typeof aJob>[0] = {}) => candidate.predict(aJob(some), history);
}

describe('simple predictors', () => {
  test('a base runtime per type is the plain mean of its runs, whatever their names', () => {
    const predict = taught(basePerType(), [
      aRun(100, { name: 'a' }),
      aRun(300, { name: 'b' }),
      aRun(7, { type: 'x' }),
    ]);
    expect(predict({ name: 'c' })).toEqual({ p50Ms: 200, p90Ms: 200, meanMs: 200 });
    expect(predict({ type: 'etl' }).p50Ms).toBe(3_000);
  });

  test('the shrunk log mean orders by its median, the shrunk mean by the mean of the runs', () => {
    const runs = Array.from({ length: 40 }, (_, n) => aRun(n % 8 === 0 ? 100_000 : 1_000));
    const logMean = taught(shrunkLogMean(), runs)();
    const mean = taught(shrunkMean(), runs)();
    expect(logMean.meanMs).toBe(logMean.p50Ms);
    expect(mean.p50Ms).toBe(logMean.p50Ms);
    expect(mean.meanMs).toBeGreaterThan(2 * mean.p50Ms);
  });
});

describe('the experts', () => {
  const alternating = Array.from({ length: 60 }, (_, n) => aRun(n % 2 === 0 ? 100 : 10_000));
  const steps = Array.from({ length: 60 }, (_, n) => aRun(100 * 4 ** Math.floor(n / 10)));

  test('in a series of two kinds of runs the median or the mean is followed, after a shift the last run', () => {
    const afterShort = taught(experts(), alternating.slice(0, 59))();
    expect(afterShort.p50Ms).toBeGreaterThan(90);
    expect(taught(experts(), steps)().p50Ms).toBe(100 * 4 ** 5);
  });

  test('a request that is always right is believed, and only then', () => {
    const runs = Array.from({ length: 40 }, (_, n) => 1_000 * (1 + ((n * 7) % 13)));
    const right = taught(
      experts(),
      runs.map((ms) => aRun(ms, { requestedMs: ms })),
    );
    expect(right({ requestedMs: 4_321 }).p50Ms).toBe(4_321);
    const wrong = taught(
      experts(),
      runs.map((ms) => aRun(ms, { requestedMs: 86_400_000 })),
    );
    expect(wrong({ requestedMs: 86_400_000 }).p50Ms).toBeLessThan(14_000);
  });

  test('a series that nobody knows is predicted by the levels above it', () => {
    const predict = taught(experts(), [aRun(500), aRun(500), aRun(500)]);
    expect(predict({ name: 'new', user: 'new' }).p50Ms).toBe(500);
    expect(taught(experts(), [])().p50Ms).toBe(3_000);
  });

  test('runs that did not succeed are not followed', () => {
    const predict = taught(experts(), [aRun(500), aRun(1, { outcome: 'failed' })]);
    expect(predict().p50Ms).toBe(500);
  });
});

describe('the classic form', () => {
  test('before it learned anything it answers the base runtimes', () => {
    const predict = taught(classic(), []);
    expect(['http', 'shell', 'etl', 'ml', 'mine'].map((type) => predict({ type }).p50Ms)).toEqual([
      400, 1_500, 3_000, 12_000, 3_000,
    ]);
  });

  test('it learns a factor from the types of the last three jobs, never beyond 0.7 and 1.3', () => {
    const types = ['http', 'etl', 'ml', 'etl'];
    // An etl job takes longer after an ml job: the context decides, not the type.
    const runs = Array.from({ length: 1_604 }, (_, n) => {
      const type = types[n % 4] as string;
      const factor = type === 'etl' ? (n % 4 === 3 ? 5 : 0.8) : 1;
      return aRun(({ http: 400, etl: 3_000, ml: 12_000 }[type] as number) * factor, { type });
    });
    const afterHttp = taught(classic({ inline: true }), runs.slice(0, 1_601))({ type: 'etl' }).p50Ms / 3_000;
    const afterMl = taught(classic({ inline: true }), runs.slice(0, 1_603))({ type: 'etl' }).p50Ms / 3_000;
    expect(afterHttp).toBeCloseTo(0.8, 1);
    expect(afterMl).toBeGreaterThan(1.25);
    expect(afterMl).toBeLessThanOrEqual(1.3);
  });
});

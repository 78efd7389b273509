import { describe, expect, test } from 'vitest';
import { aJob, aRun } from '../../test/runs.ts';
import { History, levelCount, runsKept } from './history.ts';

const runsAt = (history: History, some: Parameters<typeof aJob>[0] = {}) =>
  history.levels(aJob(some)).map((level) => level?.runs.map(({ runtimeMs }) => runtimeMs));

describe('the history', () => {
  test('a run is remembered on every level of its series', () => {
    const history = new History();
    history.add(aRun(100, { variant: 'main', requestedMs: 500 }));

    expect(runsAt(history, { variant: 'main', requestedMs: 500 })).toEqual(Array(levelCount).fill([100]));
    const none = undefined;
    const known = [100];
    expect(runsAt(history, { variant: 'fix', requestedMs: 500 })).toEqual([
      none,
      known,
      known,
      known,
      known,
      known,
    ]);
    expect(runsAt(history, { name: 'docs' })).toEqual([none, none, none, known, known, known]);
    expect(runsAt(history, { name: 'docs', user: 'bob' })).toEqual([none, none, none, none, known, known]);
    expect(runsAt(history, { type: 'test' })).toEqual([none, none, none, none, none, known]);
    expect(runsAt(history, { tenant: 'other' })).toEqual(Array(levelCount).fill(none));
  });

  test('only built-in types are shared between tenants', () => {
    const history = new History();
    history.add(aRun(100, { type: 'ml', tenant: 'acme' }));
    history.add(aRun(900, { type: 'mine', tenant: 'acme' }));

    expect(runsAt(history, { type: 'ml', tenant: 'other' }).at(-1)).toEqual([100]);
    expect(runsAt(history, { type: 'mine', tenant: 'other' }).at(-1)).toBeUndefined();
    expect(history.estimate(aJob({ type: 'mine', tenant: 'other' })).p50Ms).toBe(3_000);
  });

  test('names cannot be mistaken for one another, whatever is in them', () => {
    const history = new History();
    history.add(aRun(100, { type: 'a', name: 'b","c', variant: 'd' }));
    expect(runsAt(history, { type: 'a', name: 'b', variant: 'c","d' })[0]).toBeUndefined();
    expect(runsAt(history, { type: '__proto__', name: 'constructor' })[0]).toBeUndefined();
  });

  test('the last runs are kept one by one, the statistics of all', () => {
    const history = new History();
    for (let n = 1; n <= 50; n++) history.add(aRun(n));
    expect(runsAt(history)[0]).toEqual(Array.from({ length: runsKept }, (_, n) => 50 - runsKept + 1 + n));
    expect(history.levels(aJob())[0]?.stat.samples).toBe(50);
  });

  test('runs that did not succeed are learned apart', () => {
    const history = new History();
    history.add(aRun(1_000));
    const before = history.estimate(aJob());
    for (let n = 0; n < 5; n++) history.add(aRun(2, { outcome: 'failed' }));
    history.add(aRun(60_000, { outcome: 'timed_out' }));

    const [finest] = history.levels(aJob());
    expect(history.estimate(aJob())).toEqual(before);
    expect(finest?.runs).toHaveLength(1);
    expect(finest?.lastOutcome).toBe('timed_out');
    expect([finest?.stat.failed, finest?.stat.timedOut]).toEqual([5, 1]);
    expect(finest?.apart.failed?.meanMs).toBeCloseTo(2);
    expect(finest?.apart.timed_out?.meanMs).toBeCloseTo(60_000);
  });

  test('a new series is predicted by what is above it, and soon by its own runs', () => {
    const history = new History();
    for (let n = 0; n < 30; n++) history.add(aRun(10_000, { name: 'site' }));
    const job = aJob({ name: 'docs' });
    expect(Math.abs(Math.log(history.estimate(job).p50Ms / 10_000))).toBeLessThan(0.1);
    for (let n = 0; n < 6; n++) history.add(aRun(100, { name: 'docs' }));
    expect(history.estimate(job).p50Ms).toBeLessThan(200);
  });

  test('the estimate follows what was added in between', () => {
    const history = new History();
    const job = aJob();
    const first = history.estimate(job).p50Ms;
    history.add(aRun(1_000_000));
    expect(history.estimate(job).p50Ms).toBeGreaterThan(first);
  });

  test('memory is bounded: what was not used for longest is forgotten', () => {
    const history = new History({ perTenant: 60, inTotal: 200 });
    for (let n = 0; n < 500; n++) history.add(aRun(5, { name: `n${n}` }));
    expect(runsAt(history, { name: 'n499' })[0]).toEqual([5]);
    expect(runsAt(history, { name: 'n400' })[0]).toBeUndefined();
    expect(runsAt(history, { name: 'n400' })[4]).toHaveLength(runsKept);

    for (let n = 0; n < 500; n++) history.add(aRun(5, { tenant: `t${n}` }));
    expect(runsAt(history, { tenant: 't499' })[0]).toEqual([5]);
    expect(runsAt(history, { tenant: 't100' })[0]).toBeUndefined();
    expect(runsAt(history, { name: 'n499' })[0]).toBeUndefined();
    expect(history.size).toBeLessThanOrEqual(200);
  });
});

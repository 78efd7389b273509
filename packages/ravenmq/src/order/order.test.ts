import { describe, expect, test } from 'vitest';
import { seeded } from '../predictor/net/random.ts';
import { fifoOf, withArrivals } from './backlog-waits.ts';
import { FifoWaits } from './fifo-waits.ts';
import { guardActs, promisedWaitMs } from './guard.ts';
import { rankBy } from './policies.ts';
import { startBy } from './start-by.ts';
import { afterSubmissions, type Backlog, noBacklog, stretchOf } from './stretch.ts';

const job = {
  readyAtMs: 1_000,
  meanMs: 100,
  p50Ms: 90,
  p90Ms: 200,
  weight: 1,
  deadlineMs: undefined,
  stretch: 30,
};

describe('start by', () => {
  test('it is later for longer jobs and earlier for weightier ones', () => {
    expect(startBy(job, 30)).toBe(4_000);
    expect(startBy({ ...job, weight: 10 }, 30)).toBe(1_300);
    expect(startBy(job, 0)).toBe(1_000);
  });

  test('a deadline brings it forward, but never before the job is ready', () => {
    expect(startBy({ ...job, deadlineMs: 2_000 }, 30)).toBe(1_800);
    expect(startBy({ ...job, deadlineMs: 100 }, 30)).toBe(1_000);
    expect(startBy({ ...job, deadlineMs: 1e9 }, 30)).toBe(4_000);
  });

  test('every policy puts the job it is named for first', () => {
    const older = { ...job, readyAtMs: 0 };
    const shorter = { ...job, meanMs: 50, p50Ms: 95 };
    const first = (policy: keyof typeof rankBy, ...jobs: (typeof job)[]) =>
      jobs.toSorted((a, b) => rankBy[policy](a, 1_500) - rankBy[policy](b, 1_500))[0];
    expect(first('fifo', job, older)).toBe(older);
    expect(first('shortest', older, shorter)).toBe(shorter);
    expect(first('priority', older, { ...job, weight: 2 })).toMatchObject({ weight: 2 });
    expect(first('priority', job, older)).toBe(older);
    expect(first('predicted-priority', shorter, job)).toBe(job);
    expect(first('adaptive', older, shorter)).toBe(shorter);
    expect(first('adaptive', older, { ...shorter, readyAtMs: 5_000 })).toBe(older);
    expect(first('hrrn', job, older)).toBe(older);
    expect(first('hrrn', job, shorter)).toBe(shorter);
  });
});

describe('the stretch', () => {
  const after = (backlog: Backlog, waitingMs: number, predictedMs = 1_000) =>
    afterSubmissions(backlog, { count: 1, predictedMs, waitingMs, slots: 4 });

  test('it is the smallest step above the backlog counted in jobs per slot', () => {
    expect(stretchOf(noBacklog())).toBe(10);
    expect(stretchOf(after(noBacklog(), 4_000))).toBe(10);
    expect(stretchOf(after(noBacklog(), 40_000))).toBe(20);
    expect(stretchOf(after(noBacklog(), 4_000 * 100))).toBe(160);
    expect(stretchOf(after(noBacklog(), 1e12))).toBe(1_280);
  });

  test('many submissions at once count as they would one by one', () => {
    let oneByOne = after(noBacklog(), 4_000 * 200);
    let together = oneByOne;
    for (let n = 0; n < 300; n++) oneByOne = after(oneByOne, 4_000, 500);
    together = afterSubmissions(together, { count: 300, predictedMs: 150_000, waitingMs: 4_000, slots: 4 });
    expect(together.peakMs).toBeCloseTo(oneByOne.peakMs, 6);
    expect(together.predictedMs).toBeCloseTo(oneByOne.predictedMs, 6);
    expect(together.submissions).toBeCloseTo(oneByOne.submissions, 6);
    const none = { count: 0, predictedMs: 0, waitingMs: 0, slots: 4 };
    expect(afterSubmissions(together, none)).toEqual(together);
  });

  test('a peak is remembered and fades: half after 500 submissions', () => {
    let backlog = after(noBacklog(), 4_000 * 150);
    for (let n = 0; n < 400; n++) backlog = after(backlog, 0);
    expect(stretchOf(backlog)).toBe(160);
    for (let n = 0; n < 2_500; n++) backlog = after(backlog, 0);
    expect(stretchOf(backlog)).toBe(10);
  });
});

describe('the guard', () => {
  test('the promise is at least 15 minutes, and grows with what first come, first served keeps', () => {
    expect(promisedWaitMs({ p99Ms: 1_000, maxMs: 1_000 })).toBe(900_000);
    expect(promisedWaitMs({ p99Ms: 3_600_000, maxMs: 36_000_000 })).toBe(14_400_000);
    expect(promisedWaitMs({ p99Ms: 3_600_000, maxMs: 4_000_000 })).toBe(7_000_000);
  });

  test('it acts for who has waited so long, never twice in a row', () => {
    const longest = { readyAtMs: 1_000, promiseMs: 500, nowMs: 1_500 };
    expect(guardActs(longest, false)).toBe(true);
    expect(guardActs(longest, true)).toBe(false);
    expect(guardActs({ ...longest, nowMs: 1_499 }, false)).toBe(false);
  });
});

describe('the waits that a backlog lets expect', () => {
  test('they are of the last thousand arrivals', () => {
    let waits = withArrivals([], { count: 5, ms: 9_000 });
    expect(fifoOf(waits)).toEqual({ p99Ms: 9_000, maxMs: 9_000 });
    for (let n = 0; n < 900; n++) waits = withArrivals(waits, { count: 1, ms: n < 3 ? 5_000 : 100 });
    expect(fifoOf(waits)).toEqual({ p99Ms: 9_000, maxMs: 9_000 });
    for (let n = 0; n < 600; n++) waits = withArrivals(waits, { count: 1, ms: 100 });
    expect(fifoOf(waits)).toEqual({ p99Ms: 100, maxMs: 100 });
    expect(waits.length).toBeLessThan(60);
    expect(withArrivals(waits, { count: 0, ms: 1e9 })).toEqual(waits);
  });
});

describe('the waits of first come, first served', () => {
  /** Straight from the definition: who comes first takes the slot that is free first. */
  function played(jobs: [readyAtMs: number, runtimeMs: number][], slots: number): number[] {
    const free = Array<number>(slots).fill(0);
    return jobs.map(([readyAtMs, runtimeMs]) => {
      const slot = free.indexOf(Math.min(...free));
      const startMs = Math.max(readyAtMs, free[slot] as number);
      free[slot] = startMs + runtimeMs;
      return startMs - readyAtMs;
    });
  }

  test('they are those of the real schedule once all have ended, in whatever order that is', () => {
    const random = seeded(2);
    const jobs = Array.from({ length: 900 }, (_, n): [number, number] => [n * 10, random() * 70]);
    const expected = played(jobs, 3);
    const waits = new FifoWaits(3);
    const arrivals = jobs.map(([readyAtMs]) => waits.arrive(readyAtMs, 1_000 * random()));
    for (const n of jobs.keys()) {
      const other = (n * 7) % jobs.length;
      waits.end(arrivals[other] as (typeof arrivals)[number], (jobs[other] as [number, number])[1]);
    }
    for (let n = 0; n < 100; n++) waits.arrive(1e6, 0);
    arrivals.forEach((arrival, n) => {
      expect(arrival.fifoWaitMs).toBeCloseTo(expected[n] as number, 6);
    });
    expect(waits.maxMs).toBeCloseTo(Math.max(...expected), 6);
    const sorted = [...expected, ...Array<number>(100).fill(0)].sort((a, b) => a - b);
    expect(waits.p99Ms).toBeCloseTo(sorted[Math.floor(0.99 * 999)] as number, 6);
  });

  test('a job that has not ended yet counts as predicted', () => {
    const waits = new FifoWaits(1);
    for (let n = 0; n < 100; n++) waits.arrive(0, 1_000);
    expect(waits.maxMs).toBe(99_000);
  });
});

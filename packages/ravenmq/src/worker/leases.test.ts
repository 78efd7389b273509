import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Queryable } from '../db/connect.ts';
import { silentLogger } from '../log.ts';
import { createLeases } from './leases.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const job = { id: 'j', fence: 1 } as never;

/** Notes when it is asked, and answers that every lease is held, or fails. */
function database(fails = false) {
  const askedAt: number[] = [];
  const db = {
    async query() {
      askedAt.push(performance.now());
      if (fails) throw new Error('down');
      return { rows: [{ id: 'j', held: true, cancel_requested: false }] };
    },
  } as unknown as Queryable;
  return { db, askedAt };
}

test('a lease of 30 s is renewed every 10 s', async () => {
  const { db, askedAt } = database();
  const leases = createLeases({ db, leaseMs: 30_000, log: silentLogger, onLost() {} });
  leases.hold(job, true, performance.now());
  const began = performance.now();
  leases.start();
  await vi.advanceTimersByTimeAsync(60_500);
  await Promise.all([leases.stop(), vi.advanceTimersByTimeAsync(0)]);

  expect(askedAt.map((at) => Math.round((at - began) / 1_000))).toEqual([0, 10, 20, 30, 40, 50, 60]);
});

test('a lease that cannot be renewed for its whole lifetime is lost', async () => {
  const { db } = database(true);
  const lost: string[] = [];
  const leases = createLeases({ db, leaseMs: 30_000, log: silentLogger, onLost: (id) => lost.push(id) });
  const { stop } = leases.hold(job, true, performance.now());
  leases.start();
  await vi.advanceTimersByTimeAsync(29_000);
  expect(stop.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(12_000);
  await Promise.all([leases.stop(), vi.advanceTimersByTimeAsync(0)]);

  expect(stop.signal.reason).toBe('lost');
  expect(lost).toEqual(['j']);
});

import { expect, test } from 'vitest';
import { limitText, startsIn, undoOf } from './queue-change.ts';
import type { Queue } from './wire.ts';

const queue: Queue = {
  ...{ name: 'default', paused: false, policy: 'fifo', promise_ms: 60_000, guard_ms: 60_000 },
  ...{ concurrency: 7, starts_per_second: 100 / 60, burst: 10, queued: 0, running: 0, scheduled: 0 },
};

test('starts are said in the shortest unit that has at least one', () => {
  expect([20, 1, 0.5, 1 / 60, 1 / 3_600].map(startsIn)).toEqual([
    { starts: 20, unit: 'second' },
    { starts: 1, unit: 'second' },
    { starts: 30, unit: 'minute' },
    { starts: 1, unit: 'minute' },
    { starts: 1, unit: 'hour' },
  ]);
  expect(limitText({ ...queue, starts_per_second: 0.5 })).toBe('7 running, 30/minute');
  expect(limitText({ ...queue, starts_per_second: null })).toBe('7');
  expect(limitText({ ...queue, concurrency: null, starts_per_second: null })).toBe('none');
});

test('a change is taken back by what it touched, as that was before', () => {
  expect(undoOf(queue, { policy: 'adaptive', promise_ms: null })).toEqual({
    policy: 'fifo',
    promise_ms: 60_000,
  });
  expect(undoOf(queue, { starts: null })).toEqual({
    starts: { starts: 100 / 60, per_seconds: 1, burst: 10 },
  });
  expect(
    undoOf({ ...queue, starts_per_second: null, burst: null }, { concurrency: 1, starts: null }),
  ).toEqual({ concurrency: 7, starts: null });
});

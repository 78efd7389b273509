import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('the wait doubles from one second and never exceeds 60 s', () => {
  const longest = () => 1;
  expect([1, 2, 3, 7, 8, 100].map((retry) => backoffMs(retry, longest))).toEqual([
    1_000, 2_000, 4_000, 60_000, 60_000, 60_000,
  ]);
});

test('half of the wait is random', () => {
  expect(backoffMs(3, () => 0)).toBe(2_000);
  const waits = new Set(Array.from({ length: 100 }, () => backoffMs(3)));
  expect(waits.size).toBeGreaterThan(90);
});

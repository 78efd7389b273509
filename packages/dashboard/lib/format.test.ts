import { expect, test } from 'vitest';
import { between, duration, percent } from './format.ts';

test('durations are short and never overflow their unit', () => {
  expect(
    [0.04, 7.2, 850, 999.7, 4_230, 59_400, 59_600, 200_000, 7_500_000, 273_600_000].map(duration),
  ).toEqual(['0.0ms', '7.2ms', '850ms', '1.0s', '4.2s', '59s', '1m 0s', '3m 20s', '2h 5m', '3d 4h']);
  expect([null, undefined, Number.NaN].map(duration)).toEqual(['–', '–', '–']);
});

test('a wait is the time between two instants, and nothing while one is missing', () => {
  expect(between('2030-01-01T00:00:00Z', '2030-01-01T00:00:01.5Z')).toBe(1_500);
  expect(between('2030-01-01T00:00:01Z', '2030-01-01T00:00:00Z')).toBe(0);
  expect(between(null, '2030-01-01T00:00:00Z')).toBeNull();
});

test('a share is shown in per cent', () => {
  expect([percent(0.987), percent(null)]).toEqual(['98.7 %', '–']);
});

import { expect, test } from 'vitest';
import { type Duration, toMs } from './duration.ts';

test('durations are milliseconds, or a number with a unit', () => {
  expect([250, '500ms', '1.5s', '15m', '2h', '1d'].map((text) => toMs(text as Duration))).toEqual([
    250, 500, 1_500, 900_000, 7_200_000, 86_400_000,
  ]);
});

test.each(['', '5', 's', '5 m', '-1s', '1w', 0, -5, Number.NaN, Number.POSITIVE_INFINITY])(
  '%s is none',
  (text) => {
    expect(() => toMs(text as Duration)).toThrow('milliseconds, or a number with');
  },
);

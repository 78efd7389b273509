import { expect, test } from 'vitest';
import { decades, durationMarks, niceMarks, timeMarks } from './scale.ts';

test('marks are round and reach the largest value', () => {
  expect(niceMarks(9, 4)).toEqual([0, 5, 10]);
  expect(niceMarks(0.3, 3)).toEqual([0, 0.1, 0.2, 0.30000000000000004]);
  expect([niceMarks(0, 4), durationMarks(0, 4)]).toEqual([
    [0, 1],
    [0, 1_000],
  ]);
  expect(durationMarks(170_000, 3)).toEqual([0, 60_000, 120_000, 180_000]);
});

test('times are marked at round ones within the range', () => {
  const from = Date.parse('2030-01-01T10:03:00Z');
  const marks = timeMarks(from, from + 3_600_000, 6);
  expect(marks).toHaveLength(6);
  expect(marks.every((at) => at % 600_000 === 0 && at >= from && at <= from + 3_600_000)).toBe(true);
});

test('decades enclose the range', () => {
  expect(decades(3, 4_000)).toEqual([1, 10, 100, 1_000, 10_000]);
});

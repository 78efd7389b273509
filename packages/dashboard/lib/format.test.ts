import { expect, test } from 'vitest';
import { between, clockOf, count, counted, duration, percent, relative, roundDuration } from './format.ts';

test('durations are short and never overflow their unit', () => {
  expect(
    [0, 0.04, 7.2, 850, 999.7, 4_230, 59_400, 59_600, 200_000, 7_500_000, 273_600_000].map(duration),
  ).toEqual(['0s', '0.0ms', '7.2ms', '850ms', '1.0s', '4.2s', '59s', '1m 0s', '3m 20s', '2h 5m', '3d 4h']);
  expect([null, undefined, Number.NaN].map(duration)).toEqual(['–', '–', '–']);
  expect([1, 1_000, 1_500, 60_000, 90_000, 3_600_000].map(roundDuration)).toEqual([
    '1ms',
    '1s',
    '1.5s',
    '1m',
    '1m 30s',
    '1h',
  ]);
});

test('a wait is the time between two instants, and nothing while one is missing', () => {
  expect(between('2030-01-01T00:00:00Z', '2030-01-01T00:00:01.5Z')).toBe(1_500);
  expect(between('2030-01-01T00:00:01Z', '2030-01-01T00:00:00Z')).toBe(0);
  expect(between(null, '2030-01-01T00:00:00Z')).toBeNull();
});

test('an instant is told from now on', () => {
  const now = Date.parse('2030-01-01T12:00:00Z');
  const told = [
    '2030-01-01T12:00:00Z',
    '2030-01-01T11:59:30Z',
    '2030-01-01T09:30:00Z',
    '2030-01-01T12:05:00Z',
  ];
  expect(told.map((instant) => relative(instant, now))).toEqual(['now', '30s ago', '2h ago', 'in 5m']);
});

test('shares and counts', () => {
  expect([percent(0.987), percent(1), percent(null)]).toEqual(['98.7 %', '100 %', '–']);
  expect([count(1_234_567), count(undefined)]).toEqual(['1\u202f234\u202f567', '–']);
  expect([counted(1, 'job'), counted(12, 'job')]).toEqual(['1 job', '12 jobs']);
});

test('a fire time is told on the clock of its zone, with seconds only where they count', () => {
  expect(clockOf('Europe/Zurich', '2026-03-29T01:00:00Z')).toMatch(/^Sun.*29.*0?3:00/);
  expect(clockOf('UTC', '2026-03-29T01:00:00Z')).not.toContain(':00:00');
  expect(clockOf('UTC', '2026-03-29T01:00:07.5Z')).toContain('1:00:07');
});

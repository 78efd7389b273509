import { describe, expect, test } from 'vitest';
import { seeded } from '../predictor/net/random.ts';
import { timeScaleOf, utilisation } from './load.ts';
import { measure } from './measure.ts';
import { oracle } from './oracle.ts';
import { shaken } from './shake.ts';
import { simulate } from './simulate.ts';
import { jobsOf, rowOf, type TraceRow } from './trace.ts';

const rowAt = (submitS: number, runtimeS: number, n: number): TraceRow =>
  rowOf({
    id: String(n),
    submitS,
    runtimeS,
    user: '',
    group: '',
    name: '',
    queue: '',
    requestedS: undefined,
    requestedSlots: undefined,
  });

function traceOf(jobs: number, batch: number): TraceRow[] {
  const random = seeded(4);
  return Array.from({ length: jobs }, (_, n) => rowAt(Math.floor(n / batch) * 600, 20 + random() * 200, n));
}

describe('the load', () => {
  test('moderate: first come, first served waits twice the mean run time', () => {
    const rows = traceOf(1_500, 3);
    const scale = timeScaleOf(rows, 4, 'moderate');
    const jobs = jobsOf(rows, scale);
    const schedule = simulate({ jobs, slots: 4, policy: 'fifo', predictor: oracle(jobs) });
    const mean = rows.reduce((sum, { runtimeMs }) => sum + runtimeMs, 0) / rows.length;
    expect(measure(jobs, schedule).meanWaitMs / mean).toBeCloseTo(2, 2);
  });

  test('moderate: batches that wait longer at any load use 5 % of the slots', () => {
    const rows = traceOf(1_500, 100);
    const scale = timeScaleOf(rows, 4, 'moderate');
    expect(utilisation(rows, 4) / scale).toBeCloseTo(0.05);
  });

  test('a number is the share of the slots’ time that is used', () => {
    const rows = traceOf(500, 2);
    expect(utilisation(rows, 4) / timeScaleOf(rows, 4, 0.7)).toBeCloseTo(0.7);
  });

  test('jobs that were all submitted at once stay so', () => {
    expect(timeScaleOf(traceOf(50, 50), 4, 'moderate')).toBe(1);
    expect(utilisation(traceOf(50, 50), 4)).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

describe('a shaken trace', () => {
  const rows = traceOf(900, 3);

  test('is the same for the same seed and another for another', () => {
    expect(shaken(rows, 1)).toEqual(shaken(rows, 1));
    expect(shaken(rows, 1)).not.toEqual(shaken(rows, 2));
  });

  test('moves submissions by at most 1 % of the span around them, all jobs of a moment together', () => {
    const moved = shaken(rows, 7);
    moved.forEach((row, n) => {
      expect(Math.abs(row.submitMs - (rows[n] as TraceRow).submitMs)).toBeLessThanOrEqual(12_000);
      expect(row.submitMs === moved[n - 1]?.submitMs).toBe(n % 3 !== 0);
    });
  });

  test('multiplies run times by 0.9 to 1.1', () => {
    const ratios = shaken(rows, 7).map((row) => row.runtimeMs / (rows[Number(row.id)] as TraceRow).runtimeMs);
    expect(Math.min(...ratios)).toBeGreaterThan(0.9);
    expect(Math.max(...ratios)).toBeLessThan(1.1);
    expect(Math.max(...ratios) - Math.min(...ratios)).toBeGreaterThan(0.18);
  });
});

import { describe, expect, test } from 'vitest';
import { fillOffsets, levels, readQuantiles } from './quantiles.ts';

const before = (spread: number) => {
  const offsets = new Float32Array(levels.length);
  fillOffsets(offsets, 0, spread);
  return offsets;
};

describe('quantiles of the residual', () => {
  test('before learning are those of a normal distribution around the baseline', () => {
    for (const spread of [0.01, 0.1, 0.5, 1]) {
      const { p50, p90, meanFactor } = readQuantiles(before(spread), 0, 1);
      expect(p50).toBe(0);
      expect(p90).toBeCloseTo(1.281552 * spread, 5);
      expect(meanFactor / Math.exp(spread ** 2 / 2)).toBeGreaterThan(0.93);
      expect(meanFactor / Math.exp(spread ** 2 / 2)).toBeLessThan(1.01);
    }
  });

  test('that cross are put in order, and none is out of bounds', () => {
    const crossed = Float32Array.from([90, 0.2, -90, 0.1, 0.3, -0.1, 0]);
    const { p50, p90, meanFactor } = readQuantiles(crossed, 0, 1);
    expect(p50).toBeCloseTo(0.1, 6);
    expect(p90).toBeCloseTo(0.3, 6);
    expect(Number.isFinite(meanFactor)).toBe(true);
  });

  test('are read from their own lane', () => {
    const lanes = new Float32Array(levels.length * 2);
    levels.forEach((_, n) => {
      lanes[n * 2] = Number.NaN;
      lanes[n * 2 + 1] = 1;
    });
    const { p50, p90, meanFactor } = readQuantiles(lanes, 1, 2);
    expect([p50, p90]).toEqual([1, 1]);
    expect(meanFactor).toBeCloseTo(Math.E, 5);
  });
});

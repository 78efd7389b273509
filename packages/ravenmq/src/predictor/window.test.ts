import { describe, expect, test } from 'vitest';
import { statics } from './features.ts';
import { seeded } from './net/random.ts';
import { shapeOf, Window } from './window.ts';

const shape = shapeOf({ hidden: 2, layers: 1, dense: 2 });

/** Runs whose residuals are their places, 0 the first. */
function filled(size: number, runs: number): Window {
  const window = new Window(shape, size);
  for (let n = 0; n < runs; n++) {
    const features = new Float32Array(statics).fill(n);
    const sequence = new Float32Array((n % (shape.steps + 1)) * shape.inputs).fill(n);
    window.add({ sequence, statics: features, base: 0, spread: 1, meanMs: 1 }, n);
  }
  return window;
}

const sampled = (window: Window, count: number) =>
  [...window.sample(count, seeded(1)).targets].sort((a, b) => a - b);

describe('the window of runs', () => {
  test('gives all that it has when there are few, and forgets the oldest', () => {
    expect(sampled(filled(100, 0), 50)).toEqual([]);
    expect(sampled(filled(100, 30), 50)).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect(sampled(filled(100, 250), 200)).toEqual(Array.from({ length: 100 }, (_, n) => n + 150));
  });

  test.each([150, 999, 1_000, 1_777])(
    'after %i runs gives the latest half and older ones, none twice',
    (runs) => {
      const targets = sampled(filled(1_000, runs), 100);
      expect(new Set(targets).size).toBe(100);
      expect(targets.slice(50)).toEqual(Array.from({ length: 50 }, (_, n) => runs - 50 + n));
      expect(targets[0]).toBeGreaterThanOrEqual(Math.max(0, runs - 1_000));
      if (runs > 900) expect(targets[0]).toBeLessThan(runs - 200);
    },
  );

  test('keeps what belongs together', () => {
    const { count, lengths, targets, statics: features, sequences } = filled(70, 100).sample(40, seeded(2));
    for (let row = 0; row < count; row++) {
      const run = targets[row] as number;
      expect(lengths[row]).toBe(run % (shape.steps + 1));
      expect(features[row * statics + 5]).toBe(run);
      if (lengths[row]) expect(sequences[(row + 1) * shape.steps * shape.inputs - 1]).toBe(run);
    }
  });

  test('gives the samples of a refit in less than 10 ms of processor time', () => {
    const window = filled(15_000, 15_000);
    window.sample(8_000, seeded(1));
    const before = process.threadCpuUsage();
    window.sample(8_000, seeded(1));
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(10);
  });
});

import { describe, expect, test } from 'vitest';
import { normal, seeded } from './net/random.ts';
import { Trust } from './trust.ts';

/** The share after so many runs, of whose residuals the net predicts what `predict` says. */
function shareAfter(predict: (actual: number, random: () => number) => number, runs = 400): number {
  const trust = new Trust();
  const random = seeded(1);
  for (let n = 0; n < runs; n++) {
    const actual = normal(random);
    trust.observe(actual, predict(actual, random));
  }
  return trust.share;
}

describe('trust in a net', () => {
  test('is nothing before it has proved anything, and all when it is right', () => {
    expect(new Trust().share).toBe(0);
    expect(shareAfter((actual) => actual)).toBe(1);
    expect(shareAfter((actual, random) => actual + 0.3 * normal(random))).toBe(1);
  });

  test('is half when it says the right thing twice as loud', () => {
    expect(shareAfter((actual) => 2 * actual)).toBe(0.5);
  });

  test('is nothing when it says anything, nothing, or what is not a number', () => {
    expect(shareAfter((_, random) => normal(random))).toBe(0);
    expect(shareAfter(() => Number.NaN)).toBe(0);
    expect(shareAfter(() => Number.POSITIVE_INFINITY)).toBe(0);
  });

  test('is lost within a few hundred runs', () => {
    const trust = new Trust();
    const random = seeded(2);
    for (let n = 0; n < 2_000; n++) {
      const actual = normal(random);
      trust.observe(actual, actual);
    }
    expect(trust.share).toBe(1);
    for (let n = 0; n < 500; n++) trust.observe(normal(random), 3 * normal(random));
    expect(trust.share).toBeLessThanOrEqual(0.25);
  });
});

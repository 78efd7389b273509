import { describe, expect, test } from 'vitest';
import { type Estimate, emptyStat, estimate, learn, priorOf, type Stat } from './running-stats.ts';

const of = (...runs: number[]) => runs.reduce<Stat>(learn, emptyStat());
const parent: Estimate = { p50Ms: 3_000, p90Ms: 3_000, meanMs: 3_000, logVariance: 0.25 };

/** Deterministic numbers in [0, 1). */
function random(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe('running statistics', () => {
  test('without runs the parent’s estimate stands; built-in types have base runtimes', () => {
    expect(estimate(undefined, parent)).toEqual(parent);
    expect(['http', 'shell', 'etl', 'ml', 'mine'].map((type) => priorOf(type).p50Ms)).toEqual([
      400, 1_500, 3_000, 12_000, 3_000,
    ]);
    expect(['constructor', '__proto__'].map((type) => priorOf(type).p50Ms)).toEqual([3_000, 3_000]);
  });

  test('a constant series is known within a few runs', () => {
    expect(estimate(of(100), parent).p50Ms).toBeLessThan(1_000);
    const { p50Ms, p90Ms, meanMs } = estimate(of(...Array(30).fill(100)), parent);
    expect(p50Ms).toBeGreaterThan(99);
    expect(p50Ms).toBeLessThan(102);
    expect(p90Ms).toBeLessThan(110);
    expect(p90Ms).toBeGreaterThan(p50Ms * 1.05);
    expect(meanMs).toBeLessThan(200);
  });

  test('every constant series is met within a tenth after a dozen runs, whatever its parent says', () => {
    const next = random(11);
    for (let n = 0; n < 500; n++) {
      const ms = 10 ** (next() * 8 - 1);
      const far = { ...parent, p50Ms: ms * 10 ** (next() * 1.4 - 0.7) };
      const { p50Ms, p90Ms } = estimate(of(...Array(12).fill(ms)), far);
      expect(Math.abs(Math.log(p50Ms / ms))).toBeLessThan(0.1);
      expect(p90Ms).toBeGreaterThan(p50Ms * 1.05);
    }
  });

  test('an outlier of three orders of magnitude moves the median by less than one, whatever the series', () => {
    const next = random(5);
    for (let n = 0; n < 500; n++) {
      const ms = 10 ** (next() * 4 + 1);
      const steady = Array.from({ length: 10 + Math.floor(next() * 20) }, () => ms * (0.8 + 0.4 * next()));
      const before = estimate(of(...steady), parent).p50Ms;
      const outlier = ms * 10 ** (next() * 6 - 3);
      const after = estimate(of(...steady, outlier), parent).p50Ms;
      expect(Math.abs(Math.log10(after / before))).toBeLessThan(1);
    }
  });

  test('a young series is as uncertain as its parent, an old one as its own runs', () => {
    const wide = { ...parent, logVariance: 4 };
    expect(estimate(of(100), wide).logVariance).toBeGreaterThan(1);
    expect(estimate(of(...Array(40).fill(100)), wide).logVariance).toBeLessThan(0.01);
  });

  test('one outlier moves the median by less than the outlier’s share, and the series recovers', () => {
    const steady = Array(20).fill(100);
    const hit = estimate(of(...steady, 100_000), parent);
    expect(hit.p50Ms).toBeLessThan(500);
    expect(estimate(of(...steady, 100_000, ...Array(15).fill(100)), parent).p50Ms).toBeLessThan(140);
  });

  test('a level shift is followed', () => {
    const { p50Ms } = estimate(of(...Array(20).fill(100), ...Array(10).fill(1_000)), parent);
    expect(p50Ms).toBeGreaterThan(700);
  });

  test('the p90 covers about nine of ten runs of a log-normal series', () => {
    const next = random(7);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    let stat = emptyStat();
    let covered = 0;
    const runs = 4_000;
    for (let n = 0; n < runs; n++) {
      const ms = 1_000 * Math.exp(0.5 * normal());
      if (n > 0 && ms <= estimate(stat, parent).p90Ms) covered++;
      stat = learn(stat, ms);
    }
    expect(covered / runs).toBeGreaterThan(0.8);
    expect(covered / runs).toBeLessThan(0.95);
  });

  test('no sequence of runs gives a number that cannot be stored', () => {
    const next = random(3);
    let stat = emptyStat();
    for (let n = 0; n < 5_000; n++) {
      stat = learn(
        stat,
        [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e18, next() * 10 ** (next() * 12)][n % 6] as number,
      );
      const { p50Ms, p90Ms, meanMs } = estimate(stat, parent);
      for (const ms of [p50Ms, p90Ms, meanMs]) {
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(30 * 86_400_000);
      }
      expect(p90Ms).toBeGreaterThanOrEqual(p50Ms);
    }
  });
});

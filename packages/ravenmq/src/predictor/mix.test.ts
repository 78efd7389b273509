import { describe, expect, test } from 'vitest';
import type { Prediction } from './candidate.ts';
import { evenWeights, mixed, reweighed } from './mix.ts';
import { normal, seeded } from './net/random.ts';

const point = (ms: number): Prediction => ({ p50Ms: ms, p90Ms: 2 * ms, meanMs: 1.5 * ms });

/** A member says the truth, wrong by a factor of its own. */
type Member = (log: number, run: number) => number;

/** Runs of log-normal run times; answers the weights and the mean log errors, of the mix and of each member. */
function learned(members: Member[], runs: number, before = evenWeights(members.length)) {
  const random = seeded(7);
  let weights = before;
  let error = 0;
  const errors = members.map(() => 0);
  for (let n = 0; n < runs; n++) {
    const log = 8 + normal(random);
    const said = members.map((member) => point(Math.exp(member(log, n))));
    error += Math.abs(Math.log(mixed(weights, said).p50Ms) - log) / runs;
    said.forEach(({ p50Ms }, m) => {
      errors[m] = (errors[m] as number) + (Math.abs(Math.log(p50Ms) - log) || 0) / runs;
    });
    weights = reweighed(weights, said, Math.exp(log));
  }
  return { weights, error, errors };
}

/** Wrong by chance, each in its own way. */
function shaky(seed: number, spread: number): Member {
  const random = seeded(seed);
  return (log) => log + spread * normal(random);
}

describe('the mix', () => {
  test('before any run it is the geometric mean of all', () => {
    expect(mixed(evenWeights(2), [point(100), point(400)])).toEqual({
      p50Ms: expect.closeTo(200),
      p90Ms: expect.closeTo(400),
      meanMs: expect.closeTo(300),
    });
  });

  test('it is better than the best of those that are wrong in different ways', () => {
    const { error, errors } = learned([shaky(1, 0.5), shaky(2, 0.5), shaky(3, 0.6)], 2_000);
    expect(error).toBeLessThan(0.75 * Math.min(...errors));
  });

  test('who is always wrong is soon out of it, and the rest as good as alone', () => {
    const { weights, error, errors } = learned([shaky(1, 0.3), (log) => log + 3, shaky(2, 3)], 2_000);
    expect(weights[0]).toBeGreaterThan(0.95);
    expect(error).toBeLessThan(1.1 * (errors[0] as number));
  });

  test('for what is no number the first stands in', () => {
    const broken = [point(500), point(Number.NaN), point(Number.POSITIVE_INFINITY), point(-1)];
    const { p50Ms } = mixed(evenWeights(4), broken);
    expect(p50Ms).toBeCloseTo(500);
    expect(reweighed(evenWeights(4), broken, 700)).toEqual(
      evenWeights(4).map((weight) => expect.closeTo(weight)),
    );
    const hopeless = broken.map(() => point(Number.NaN));
    expect(reweighed([0.5, 0.5, 0, 0], hopeless, 700)).toEqual([0.5, 0.5, 0, 0]);
  });

  test('who was wrong for long comes back when it is right', () => {
    const late: Member = (log, n) => (n < 3_000 ? log + 2 : log);
    const early: Member = (log, n) => (n < 3_000 ? log : log - 2);
    const { weights } = learned([early, late], 3_000);
    expect(weights[1]).toBeLessThan(0.01);
    const after = learned([(log) => log - 2, (log) => log], 600, weights);
    expect(after.weights[1]).toBeGreaterThan(0.95);
  });

  test('weights are shares whatever is seen', () => {
    const { weights } = learned([(log) => log + 500, (log) => log - 500, (log) => log], 1_000);
    expect(weights.every((weight) => weight > 0 && weight <= 1)).toBe(true);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  });
});

import { describe, expect, test } from 'vitest';
import { aJob, aRun } from '../../test/runs.ts';
import type { Candidate, Prediction } from './candidate.ts';
import { createChampion } from './champion.ts';
import { History } from './history.ts';
import { costOf, noScores, observe } from './judge.ts';
import { normal, seeded } from './net/random.ts';

const point = (ms: number): Prediction => ({ p50Ms: ms, p90Ms: ms, meanMs: ms });

/** Says what it is told to of a job's run time, which the tests write into its size hint. */
const says = (name: string, of: (ms: number) => number): Candidate<History> => ({
  name,
  alone: true,
  predict: (job) => point(of(job.sizeHint as number)),
  learn() {},
});

const truth = says('truth', (ms) => ms);
const reversed = says('reversed', (ms) => 1e9 / ms);
const doubled = says('doubled', (ms) => 2 * ms);
const constant = says('constant', () => 1_000);
const broken = says('broken', () => Number.NaN);

/** Runs of some tenants in turn, of log-normal run times. */
function teach(champion: Candidate<History>, runs: number, tenants = ['acme'], seed = 1) {
  const random = seeded(seed);
  const history = new History();
  for (let n = 0; n < runs; n++) {
    const ms = 1_000 * Math.exp(normal(random));
    const run = aRun(ms, { sizeHint: ms, tenant: tenants[n % tenants.length] as string });
    champion.learn(run, history);
    history.add(run);
  }
  return history;
}

describe('the judge', () => {
  test('the true order costs nothing, chance and ties a half, the reversed order everything', () => {
    const scores = noScores(4);
    const random = seeded(3);
    for (let n = 0; n < 2_000; n++) {
      const ms = 1_000 * Math.exp(normal(random));
      observe(scores, ms, [point(ms), point(random()), point(7), point(1 / ms)]);
    }
    const [right, chance, ties, wrong] = [0, 1, 2, 3].map((n) => costOf(scores, 'misorder', n)) as number[];
    expect(right).toBe(0);
    expect(chance).toBeGreaterThan(0.4);
    expect(chance).toBeLessThan(0.6);
    expect(ties).toBeCloseTo(0.5);
    expect(wrong).toBeCloseTo(1);
  });

  test('the log error is that of the median, and what is not a number is hopeless', () => {
    const scores = noScores(2);
    for (let n = 0; n < 100; n++) observe(scores, 1_000, [point(2_000), point(Number.NaN)]);
    expect(costOf(scores, 'logError', 0)).toBeCloseTo(Math.log(2));
    expect(costOf(scores, 'logError', 1)).toBeGreaterThan(10);
  });

  test('it forgets: what was wrong long ago does not count', () => {
    const scores = noScores(1);
    for (let n = 0; n < 500; n++) observe(scores, 1_000 + n, [point(-n)]);
    for (let n = 0; n < 20_000; n++) observe(scores, 1_000 + (n % 7), [point(n % 7)]);
    expect(costOf(scores, 'misorder', 0)).toBeLessThan(0.02);
  });
});

describe('the champion', () => {
  test('it is the first candidate until another has proved better', () => {
    const champion = createChampion([constant, truth]);
    expect(champion.championsOf('acme')).toEqual({ misorder: 'constant', logError: 'constant' });
    teach(champion, 100);
    expect(champion.championsOf('acme')).toEqual({ misorder: 'truth', logError: 'truth' });
  });

  test('order and reported median are judged apart', () => {
    const champion = createChampion([
      constant,
      says('close', (ms) => ms * (ms > 1_000 ? 0.7 : 1.4)),
      doubled,
    ]);
    const history = teach(champion, 300);
    expect(champion.championsOf('acme')).toEqual({ misorder: 'doubled', logError: 'close' });
    const { p50Ms, meanMs } = champion.predict(aJob({ sizeHint: 4_000 }), history);
    expect([p50Ms, meanMs]).toEqual([2_800, 8_000]);
  });

  test('near equals do not take turns', () => {
    const shaken = says('shaken', (ms) => ms * (1 + 0.0005 * Math.abs(Math.sin(ms))));
    const also = says('also shaken', (ms) => ms * (1 + 0.0005 * Math.abs(Math.cos(ms))));
    const champion = createChampion([also, shaken]);
    teach(champion, 1_000);
    expect(champion.championsOf('acme').logError).toBe('also shaken');
  });

  test('two that err in opposite ways are mixed, and judgements that were stored go on with their weights', () => {
    const member = (name: string, of: (ms: number) => number): Candidate<History> => {
      const { alone: _, ...candidate } = says(name, of);
      return candidate;
    };
    const over = member('over', (ms) => ms * (Math.floor(ms) % 2 ? 1.5 : 1));
    const under = member('under', (ms) => ms / (Math.floor(ms) % 2 ? 1.5 : 1));
    const candidates: Parameters<typeof createChampion>[0] = [constant, over, under, broken];
    const champion = createChampion(candidates);
    const history = teach(champion, 1_000);
    expect(champion.championsOf('acme').logError).toBe('mix');

    const stored = JSON.parse(JSON.stringify(champion.judgements()));
    const again = createChampion(candidates, 'champion', stored);
    const job = aJob({ sizeHint: 4_001 });
    expect(again.predict(job, history)).toEqual(champion.predict(job, history));
    expect(again.predict(job, history).p50Ms).not.toBeCloseTo(6_001.5);
  });

  test('a candidate of NaN or of chance is never asked', () => {
    const random = seeded(9);
    const champion = createChampion([
      constant,
      broken,
      says('chance', () => Math.exp(10 * random())),
      reversed,
    ]);
    const history = teach(champion, 600);
    expect(champion.championsOf('acme')).toEqual({ misorder: 'constant', logError: 'constant' });
    expect(champion.predict(aJob({ sizeHint: 5 }), history)).toEqual(point(1_000));
  });

  test('a champion that breaks is stepped in for at once and then replaced', () => {
    let works = true;
    const fragile = says('fragile', (ms) => (works ? ms : Number.NaN));
    const champion = createChampion([constant, fragile, doubled]);
    const history = teach(champion, 300);
    expect(champion.championsOf('acme').logError).toBe('fragile');
    works = false;
    expect(champion.predict(aJob({ sizeHint: 5_000 }), history)).toEqual(point(1_000));
    teach(champion, 300, ['acme'], 2);
    expect(champion.championsOf('acme').misorder).toBe('doubled');
  });

  test('an organization is judged by its own runs from 500 of them', () => {
    const odd = says('odd', (ms) => ms);
    const champion = createChampion([constant, odd]);
    const history = new History();
    const random = seeded(5);
    const learn = (tenant: string, hint: (ms: number) => number) => {
      const ms = 1_000 * Math.exp(normal(random));
      champion.learn(aRun(ms, { tenant, sizeHint: hint(ms) }), history);
    };
    for (let n = 0; n < 499; n++) learn('acme', (ms) => 1e9 / ms);
    expect(champion.championsOf('acme')).toEqual(champion.championsOf('anybody'));
    learn('acme', (ms) => 1e9 / ms);
    for (let n = 0; n < 3_000; n++) learn('other', (ms) => ms);
    expect(champion.championsOf('anybody').misorder).toBe('odd');
    expect(champion.championsOf('acme').misorder).toBe('constant');
  });

  test('a run is judged by what was said when the job was asked about', () => {
    let now = (ms: number) => ms;
    const learner = says('learner', (ms) => now(ms));
    const champion = createChampion([constant, learner]);
    const history = new History();
    const random = seeded(6);
    for (let n = 0; n < 200; n++) {
      const ms = 1_000 * Math.exp(normal(random));
      const job = aJob({ sizeHint: ms });
      now = (size) => 1e9 / size;
      champion.predict(job, history);
      now = (size) => size;
      champion.learn(Object.assign(job, aRun(ms, { sizeHint: ms })), history);
    }
    expect(champion.championsOf('acme').misorder).toBe('constant');
  });
});

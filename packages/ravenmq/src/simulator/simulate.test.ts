import { describe, expect, test } from 'vitest';
import { type ReplayedPolicy, rankBy } from '../order/policies.ts';
import type { Candidate } from '../predictor/candidate.ts';
import { shrunkMean } from '../predictor/candidates/shrunk.ts';
import type { History } from '../predictor/history.ts';
import { seeded } from '../predictor/net/random.ts';
import { measure } from './measure.ts';
import { oracle } from './oracle.ts';
import { simulate } from './simulate.ts';
import { jobsOf, rowOf } from './trace.ts';

type Some = [submitS: number, runtimeS: number, name?: string];

const traceOf = (...some: Some[]) =>
  some.map(([submitS, runtimeS, name = 'site'], n) =>
    rowOf({
      id: String(n),
      submitS,
      runtimeS,
      user: 'ada',
      group: 'acme',
      name,
      queue: '',
      requestedS: undefined,
      requestedSlots: undefined,
    }),
  );
const jobs = (...some: Some[]) => jobsOf(traceOf(...some), 1);

function startsOf(policy: ReplayedPolicy, slots: number, ...some: Some[]): number[] {
  const replayed = jobs(...some);
  return [...simulate({ jobs: replayed, slots, policy, predictor: oracle(replayed) }).startMs].map(
    (ms) => ms / 1_000,
  );
}

/** Jobs of some series with run times that differ by orders of magnitude, so many that they queue. */
function manyJobs(count: number, seed = 1): Some[] {
  const random = seeded(seed);
  let atS = 0;
  return Array.from({ length: count }, (): Some => {
    atS += random() * 25;
    const series = Math.floor(random() * 12);
    return [atS, 1.6 ** series * (0.7 + 0.6 * random()), `series ${series}`];
  });
}

describe('the replay', () => {
  test('first come, first served on one and two slots', () => {
    expect(startsOf('fifo', 1, [0, 10], [1, 1], [2, 5])).toEqual([0, 10, 11]);
    expect(startsOf('fifo', 2, [0, 10], [1, 1], [2, 5])).toEqual([0, 1, 2]);
  });

  test('the shortest waiting job goes first, and none is interrupted', () => {
    expect(startsOf('shortest', 1, [0, 10], [1, 5], [2, 1])).toEqual([0, 11, 10]);
  });

  test('jobs submitted at one instant are ordered before one starts', () => {
    expect(startsOf('shortest', 1, [0, 9], [0, 1], [0, 3])).toEqual([4, 0, 1]);
  });

  test('the adaptive order lets the shorter job pass, but not for ever', () => {
    expect(startsOf('adaptive', 1, [0, 100], [1, 50], [2, 1])).toEqual([0, 101, 100]);
    const short: Some[] = Array.from({ length: 120 }, (_, n) => [10 * n, 10]);
    const [, long = 0] = startsOf('adaptive', 1, [0, 10], [1, 60], ...short);
    expect(long).toBeGreaterThan(60);
    expect(long).toBeLessThan(1_900);
  });

  test('highest response ratio: who has waited long for little goes first', () => {
    expect(startsOf('hrrn', 1, [0, 100], [1, 50], [95, 10])).toEqual([0, 100, 150]);
    expect(startsOf('hrrn', 1, [0, 100], [1, 50], [60, 10])).toEqual([0, 110, 100]);
  });

  test.each(Object.keys(rankBy) as ReplayedPolicy[])(
    '%s: every job runs once, never on more slots than there are',
    (policy) => {
      const replayed = jobs(...manyJobs(600));
      const { startMs } = simulate({ jobs: replayed, slots: 3, policy, predictor: shrunkMean() });
      const events = replayed.flatMap(({ submitMs, runtimeMs }, n) => {
        const start = startMs[n] as number;
        expect(start).toBeGreaterThanOrEqual(submitMs);
        return [
          { at: start, change: 1 },
          { at: start + runtimeMs, change: -1 },
        ];
      });
      let running = 0;
      for (const { change } of events.sort((a, b) => a.at - b.at || a.change - b.change)) {
        running += change;
        expect(running).toBeLessThanOrEqual(3);
      }
      expect(running).toBe(0);
    },
  );

  test('a slot is never idle while a job waits', () => {
    const replayed = jobs(...manyJobs(400));
    const { startMs } = simulate({ jobs: replayed, slots: 2, policy: 'adaptive', predictor: shrunkMean() });
    const ends = new Set(replayed.map(({ runtimeMs }, n) => (startMs[n] as number) + runtimeMs));
    replayed.forEach(({ submitMs }, n) => {
      const start = startMs[n] as number;
      expect(start === submitMs || ends.has(start)).toBe(true);
    });
  });

  test('a predictor has seen what ended before the submission in this schedule, and nothing else', () => {
    const seen: string[] = [];
    const known: string[] = [];
    const spy: Candidate<History> = {
      name: 'spy',
      predict(job) {
        seen.push(`${job.name}: ${known.join(' ')}`);
        return { p50Ms: 1, p90Ms: 1, meanMs: 1 };
      },
      learn: (run) => void known.push(run.name),
    };
    const replayed = jobs([0, 10, 'a'], [0, 1, 'b'], [1, 1, 'c'], [5, 1, 'd'], [20, 1, 'e']);
    simulate({ jobs: replayed, slots: 2, policy: 'fifo', predictor: spy });
    expect(seen).toEqual(['a: ', 'b: ', 'c: b', 'd: b c', 'e: b c d a']);
  });

  test('a burst that nobody knew is put in order by the first of it that ends', () => {
    const burst: Some[] = [
      ...Array.from({ length: 4 }, (): Some => [0, 300, 'long']),
      ...Array.from({ length: 4 }, (): Some => [0, 10, 'short']),
    ];
    const replayed = jobs(...burst, [0, 3, 'other']);
    const { startMs } = simulate({ jobs: replayed, slots: 2, policy: 'shortest', predictor: shrunkMean() });
    const meanWait = startMs.reduce((sum, ms) => sum + ms, 0) / replayed.length / 1_000;
    expect(meanWait).toBeLessThan(450);
    expect(startMs[7]).toBeLessThan(startMs[3] as number);
  });

  test('the same replay gives the same schedule', () => {
    const run = () => {
      const replayed = jobs(...manyJobs(500));
      return simulate({ jobs: replayed, slots: 2, policy: 'adaptive', predictor: shrunkMean() }).startMs;
    };
    expect(run()).toEqual(run());
  });

  test('learning pays: the adaptive order waits less than first come, first served and not far from the truth', () => {
    const wait = (policy: ReplayedPolicy, predictor?: Candidate<History>) => {
      const replayed = jobs(...manyJobs(2_000));
      const schedule = simulate({
        jobs: replayed,
        slots: 3,
        policy,
        predictor: predictor ?? oracle(replayed),
      });
      return measure(replayed, schedule).meanWaitMs;
    };
    const [fifo, truth, learned] = [wait('fifo'), wait('shortest'), wait('adaptive', shrunkMean())];
    expect(truth).toBeLessThan(fifo * 0.8);
    expect((fifo - learned) / (fifo - truth)).toBeGreaterThan(0.7);
  });
});

describe('the figures', () => {
  test('they are those of the jobs after the first tenth', () => {
    const replayed = jobs(
      ...Array.from({ length: 20 }, (_, n): Some => [n < 2 ? 0 : 1_000 * n, n < 2 ? 500 : 100]),
    );
    const schedule = simulate({ jobs: replayed, slots: 1, policy: 'fifo', predictor: oracle(replayed) });
    const figures = measure(replayed, schedule);
    expect(figures).toMatchObject({
      meanWaitMs: 0,
      slowdown: 1,
      maxWaitMs: 0,
      logError: 0,
      misorder: 0,
      p90Coverage: 1,
    });
  });

  test('slowdown is bounded: a job shorter than ten seconds counts as one of ten', () => {
    const replayed = jobs([0, 20], [0, 2]);
    const schedule = simulate({ jobs: replayed, slots: 1, policy: 'fifo', predictor: oracle(replayed) });
    expect(measure(replayed, schedule)).toMatchObject({ meanWaitMs: 10_000, slowdown: (1 + 22 / 10) / 2 });
  });
});

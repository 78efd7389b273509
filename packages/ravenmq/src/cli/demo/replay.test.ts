import { expect, test } from 'vitest';
import { compareWithFifo, mean, median } from './replay.ts';

const run = (place: number, startedMs: number, runtimeMs: number, more = {}) => ({
  lane: 'a',
  place,
  readyMs: 0,
  startedMs,
  runtimeMs,
  ...more,
});

test('a short job that overtakes a long one, against first come, first served over one slot', () => {
  const long = run(0, 20, 100);
  const short = run(1, 1, 10, { readyMs: 1 });

  expect(compareWithFifo([short, long], 1)).toMatchObject({
    jobs: 2,
    pairs: 1,
    overtakings: 1,
    all: { meanMs: 10, fifoMeanMs: (0 + 99) / 2 },
  });
});

test('the order of submission decides between jobs that became ready together, whoever ended first', () => {
  const jobs = [run(0, 10, 100), run(1, 0, 10)];
  for (const runs of [jobs, jobs.toReversed()]) {
    expect(compareWithFifo(runs, 1)).toMatchObject({ overtakings: 1, all: { meanMs: 5, fifoMeanMs: 50 } });
  }
});

test('jobs of different lanes share the slots but do not overtake each other', () => {
  const burst = [run(0, 0, 100), run(1, 110, 100)];
  const other = run(2, 100, 10, { lane: 'b' });

  const { pairs, overtakings, lanes } = compareWithFifo([...burst, other], 1);
  expect({ pairs, overtakings }).toEqual({ pairs: 1, overtakings: 0 });
  expect(lanes.get('a')).toEqual({ meanMs: 55, fifoMeanMs: 50 });
  expect(lanes.get('b')).toEqual({ meanMs: 100, fifoMeanMs: 200 });
});

test('jobs that never waited together do not overtake', () => {
  const runs = [run(0, 0, 5), run(1, 10, 5, { readyMs: 10 })];
  expect(compareWithFifo(runs, 2)).toMatchObject({ pairs: 0, all: { meanMs: 0, fifoMeanMs: 0 } });
});

test('slots take jobs side by side', () => {
  const runs = [0, 1, 2, 3].map((place) => run(place, 0, 10));
  expect(compareWithFifo(runs, 2).all.fifoMeanMs).toBe(5);
});

test('mean and median of nothing', () => {
  expect(mean([])).toBe(0);
  expect(median([])).toBeUndefined();
  expect(median([3, 1, 2])).toBe(2);
});

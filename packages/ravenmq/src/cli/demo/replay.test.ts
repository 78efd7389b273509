import { expect, test } from 'vitest';
import { compareWithFifo, mean, median } from './replay.ts';

test('first come, first served over one slot', () => {
  const long = { readyMs: 0, startedMs: 20, runtimeMs: 100 };
  const short = { readyMs: 1, startedMs: 1, runtimeMs: 10 };

  expect(compareWithFifo([long, short], 1)).toEqual({
    jobs: 2,
    overtakings: 1,
    meanWaitMs: 10,
    fifoMeanWaitMs: (0 + 99) / 2,
  });
});

test('jobs that never waited together do not overtake', () => {
  const runs = [
    { readyMs: 0, startedMs: 0, runtimeMs: 5 },
    { readyMs: 10, startedMs: 10, runtimeMs: 5 },
  ];
  expect(compareWithFifo(runs, 2)).toMatchObject({ overtakings: 0, meanWaitMs: 0, fifoMeanWaitMs: 0 });
});

test('slots take jobs side by side', () => {
  const runs = Array.from({ length: 4 }, () => ({ readyMs: 0, startedMs: 0, runtimeMs: 10 }));
  expect(compareWithFifo(runs, 2).fifoMeanWaitMs).toBe(5);
});

test('mean and median of nothing', () => {
  expect(mean([])).toBe(0);
  expect(median([])).toBeUndefined();
  expect(median([3, 1, 2])).toBe(2);
});

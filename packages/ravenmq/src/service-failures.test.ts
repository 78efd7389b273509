import { expect, test, vi } from 'vitest';
import { silentLogger } from './log.ts';
import { createService, type Step } from './service.ts';

/** The times at which the step ran within `ms` milliseconds. */
async function runsOf(step: Omit<Step, 'name'>, ms: number): Promise<number[]> {
  vi.useFakeTimers();
  const began = performance.now();
  const runs: number[] = [];
  const service = createService(
    {
      ...step,
      name: 'test',
      run: (signal) => {
        runs.push(performance.now() - began);
        return step.run(signal);
      },
    },
    silentLogger,
  );
  service.start();
  await vi.advanceTimersByTimeAsync(ms);
  await service.stop();
  vi.useRealTimers();
  return runs;
}

const fails = () => Promise.reject(new Error('no database'));
const waits = (runs: number[]) => runs.slice(1).map((at, n) => at - (runs[n] as number));

test('waits grow while errors follow each other, up to a limit, whatever the interval', async () => {
  for (const everyMs of [10, 10_000]) {
    const taken = waits(await runsOf({ everyMs, run: fails }, 60_000));
    expect(taken[0]).toBeLessThanOrEqual(150);
    expect(taken[0]).toBeGreaterThanOrEqual(50);
    expect(Math.max(...taken)).toBeLessThanOrEqual(7_500);
    expect(taken.length).toBeGreaterThan(10);
    expect(taken.length).toBeLessThan(35);
  }
});

test('those that fail together do not come back together', async () => {
  const fourth: number[] = [];
  for (let n = 0; n < 20; n++)
    fourth.push(Math.round((await runsOf({ everyMs: 10, run: fails }, 3_000))[3] ?? 0));
  expect(new Set(fourth).size).toBeGreaterThan(10);
});

test('after a success the interval holds again', async () => {
  let run = 0;
  const taken = waits(
    await runsOf({ everyMs: 100, run: () => (run++ < 6 ? fails() : Promise.resolve(undefined)) }, 60_000),
  );
  expect(taken.slice(6, 20)).toEqual(Array(14).fill(100));
});

import { expect, test } from 'vitest';
import { silentLogger } from './log.ts';
import { createService, type Step } from './service.ts';

const never = 1_000_000;
const service = (step: Partial<Step> & Pick<Step, 'run'>) =>
  createService({ name: 'test', everyMs: never, ...step }, silentLogger);

test('start runs the step at once; again repeats it without a wait', async () => {
  let runs = 0;
  const done = Promise.withResolvers<void>();
  const counting = service({
    async run() {
      if (++runs < 3) return 'again';
      done.resolve();
      return undefined;
    },
  });

  counting.start();
  await done.promise;
  await counting.stop();

  expect(runs).toBe(3);
});

test('stop before start, double start and double stop are harmless; stop waits for the step in flight', async () => {
  let inFlight = 0;
  let most = 0;
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const slow = service({
    async run() {
      most = Math.max(most, ++inFlight);
      entered.resolve();
      await leave.promise;
      inFlight--;
      return undefined;
    },
  });

  await slow.stop();
  slow.start();
  slow.start();
  await entered.promise;
  const stopped = Promise.all([slow.stop(), slow.stop()]);
  leave.resolve();
  await stopped;

  expect([most, inFlight]).toEqual([1, 0]);
});

test('an error does not end the loop, and wake ends the wait', async () => {
  let runs = 0;
  const second = Promise.withResolvers<void>();
  const failing = service({
    async run() {
      if (++runs === 1) throw new Error('boom');
      second.resolve();
      return undefined;
    },
    everyMs: 1,
  });
  failing.start();
  await second.promise;
  failing.wake();
  await failing.stop();

  expect(runs).toBeGreaterThanOrEqual(2);
});

test('a wake during the step is not lost', async () => {
  let runs = 0;
  const third = Promise.withResolvers<void>();
  const waking = service({
    async run() {
      if (++runs < 3) waking.wake();
      else third.resolve();
      return undefined;
    },
  });

  waking.start();
  await third.promise;
  await waking.stop();
  expect(runs).toBe(3);
});

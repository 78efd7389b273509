import { expect, test } from 'vitest';
import { aRun } from '../../test/runs.ts';
import { lstm } from './candidates/lstm.ts';
import { History } from './history.ts';
import { type Refit, runRefit } from './net/train.ts';
import { refitInThread } from './refit-thread.ts';

/** A refit of a net that has seen so many runs; briefer than in use. */
function aRefit(runs = 250): Refit {
  const net = lstm();
  const history = new History();
  for (let n = 0; n < runs; n++) {
    const run = aRun(1_000 + 500 * (n % 7), { readyAtMs: n * 60_000, finishedAtMs: n * 60_000 + 1_000 });
    net.learn(run, history);
    history.add(run);
  }
  const refit = net.refit(true) as Refit;
  return { ...refit, training: { ...refit.training, epochs: 1 } };
}
const never = new AbortController().signal;

test('the thread answers what training here would', async () => {
  const here = runRefit(aRefit());
  const there = await refitInThread(aRefit(), never);

  expect(there.losses).toEqual(here.losses);
  expect(there.weights).toEqual(here.weights);
});

test('what fails in the thread is told', async () => {
  const broken = { ...aRefit(), shape: { hidden: -1 } as never };
  await expect(refitInThread(broken, never)).rejects.toThrow();
});

test('an abort ends the thread and rejects', async () => {
  const stopping = new AbortController();
  const training = refitInThread(aRefit(2_000), stopping.signal);
  stopping.abort(new Error('no longer wanted'));
  await expect(training).rejects.toThrow('no longer wanted');
  await expect(refitInThread(aRefit(), stopping.signal)).rejects.toThrow('no longer wanted');
});

test('a refit never holds up this thread for 10 ms', async () => {
  const refit = aRefit(4_000);
  const longest = await longestTurn(() => refitInThread(refit, never));

  expect(refit.samples.sequences.byteLength).toBe(0);
  expect(longest).toBeLessThan(10);
});

/**
 * The most processor time, in milliseconds, that this thread took between two turns of a timer meanwhile. Of its own:
 * on a busy machine it may not be given any for longer.
 */
async function longestTurn(act: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let before = process.threadCpuUsage();
  const look = () => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    longest = Math.max(longest, (user + system) / 1_000);
  };
  const timer = setInterval(look, 1);
  await act();
  look();
  clearInterval(timer);
  return longest;
}

import { expect, test } from 'vitest';
import { aRun } from '../../test/runs.ts';
import { lstm } from './candidates/lstm.ts';
import { type Refit, runRefit } from './candidates/residual-net.ts';
import { History } from './history.ts';
import { refitInThread } from './refit-thread.ts';

/** A refit of a net that has seen so many runs. */
function aRefit(runs = 250): Refit {
  const net = lstm();
  const history = new History();
  for (let n = 0; n < runs; n++) {
    const run = aRun(1_000 + 500 * (n % 7), { readyAtMs: n * 60_000, finishedAtMs: n * 60_000 + 1_000 });
    net.learn(run, history);
    history.add(run);
  }
  return net.refit(true) as Refit;
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

test('this thread’s event loop turns while another trains', async () => {
  const refit = aRefit(2_000);
  const training = refitInThread(refit, never);
  // Of this thread's own processor time: on a busy machine it may not be given any for longer.
  const before = process.threadCpuUsage();
  const began = performance.now();
  await training;
  const { user, system } = process.threadCpuUsage(before);

  const tookMs = performance.now() - began;
  expect((user + system) / 1_000).toBeLessThan(Math.max(25, tookMs * 0.2));
});

import { describe, expect, test } from 'vitest';
import { normal, seeded } from './random.ts';
import { trainInThread } from './refit-thread.ts';
import { emptySamples } from './samples.ts';
import { initialParameters, type Shape } from './shape.ts';
import { type Refit, runRefit } from './train.ts';

const shape: Shape = { inputs: 4, steps: 6, hidden: 8, layers: 2, statics: 8, dense: 8, levels: [0.5, 0.9] };

function aRefit(count: number, epochs: number): Refit {
  const samples = emptySamples(shape, count);
  const random = seeded(1);
  for (const numbers of [samples.sequences, samples.statics, samples.targets])
    for (let n = 0; n < numbers.length; n++) numbers[n] = normal(random);
  samples.lengths.fill(shape.steps);
  const weights = initialParameters(shape, 1).all as Float32Array<ArrayBuffer>;
  return { shape, weights, samples, training: { epochs, rate: 0.01, decay: 0, seed: 1 } };
}

const never = new AbortController().signal;

describe('training in a thread', () => {
  test('gives what training here gives, and leaves the weights here', async () => {
    const expected = runRefit(aRefit(300, 2));
    const refit = aRefit(300, 2);
    const kept = refit.weights.slice();
    expect(await trainInThread(refit, never)).toEqual(expected);
    expect(refit.weights).toEqual(kept);
    expect(refit.samples.sequences.byteLength).toBe(0);
  });

  test('rejects with what went wrong in the thread', async () => {
    const refit = { ...aRefit(10, 1), weights: new Float32Array(3) };
    await expect(trainInThread(refit, never)).rejects.toThrow('parameters, not 3');
  });

  test('ends when it is cancelled, before and meanwhile', async () => {
    const controller = new AbortController();
    const endless = trainInThread(aRefit(1_000, 1_000_000), controller.signal);
    controller.abort(new Error('no longer wanted'));
    await expect(endless).rejects.toThrow('no longer wanted');
    await expect(trainInThread(aRefit(10, 1), controller.signal)).rejects.toThrow('no longer wanted');
  });

  test('never holds up the thread that asks for 10 ms, by its own processor time', async () => {
    const refit = aRefit(8_000, 1);
    const began = performance.now();
    const held = await longestTurn(() => trainInThread(refit, never));

    expect(held).toBeLessThan(10);
    // The training itself is far longer.
    expect(performance.now() - began).toBeGreaterThan(50);
  });
});

/** The most processor time, in milliseconds, that this thread took between two turns of a timer meanwhile. */
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

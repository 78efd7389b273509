/**
 * Trains the nets beside the learning, each when enough runs came since its last time or when somebody asks for it, and
 * stores every version. Weights that a person fixed stay.
 */
import type { Pool } from '../db/connect.ts';
import { readChoice } from '../models/choice.ts';
import { saveVersion } from '../models/versions.ts';
import type { NetCandidate } from './candidates/residual-net.ts';
import type { Remembered } from './learn.ts';
import type { Memory } from './memory.ts';
import type { Refit, Trained } from './net/train.ts';

export type Fit = (refit: Refit, signal: AbortSignal) => Promise<Trained>;

export function createTraining(pool: Pool, remembered: Remembered, fit: Fit) {
  let trainedUpTo: string | null | undefined;

  /** Whether training was asked for since the last time that it was looked at. */
  async function isAskedFor(): Promise<boolean> {
    const { train_asked_at: askedAt } = await readChoice(pool);
    const before = trainedUpTo;
    trainedUpTo = askedAt;
    return before !== undefined && askedAt !== null && askedAt !== before;
  }

  async function train(memory: Memory, net: NetCandidate, refit: Refit, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const { weights, losses } = await fit(refit, signal);
    // Another predictor has taken over meanwhile, or this one lost its memory.
    if (signal.aborted || remembered.memory !== memory) return;
    const choice = await readChoice(pool);
    if (choice.candidate !== net.name || choice.version === null) net.take(weights);
    await saveVersion(pool, {
      candidate: net.name,
      samples: refit.samples.count,
      tookMs: performance.now() - began,
      weights,
      losses,
      metrics: memory.champion.scores()[net.name] ?? {},
    });
  }

  return async function step(signal: AbortSignal): Promise<undefined> {
    const asked = await isAskedFor();
    const { memory } = remembered;
    if (!memory) return undefined;
    for (const net of memory.nets) {
      const refit = net.refit(asked);
      if (refit && !signal.aborted) await train(memory, net, refit, signal);
    }
    return undefined;
  };
}

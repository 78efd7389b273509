/** Training: a window of samples and the weights so far in, new weights and the course of the loss out. */
import { createAdam, descend } from './adam.ts';
import { type Block, createBlock, learnBlock } from './block.ts';
import { seeded, shuffle } from './random.ts';
import type { Samples } from './samples.ts';
import { type Parameters, type Shape, viewParameters } from './shape.ts';

export interface Training {
  /** How often every sample is seen. */
  epochs: number;
  /** Of the first step; it falls evenly to nothing. */
  rate: number;
  /** How fast weights fall to 0, in the unit of the rate (decoupled decay, Loshchilov and Hutter, 2019). */
  decay: number;
  seed: number;
}

/** Everything that training takes, to be handed to whoever does it. */
export interface Refit {
  shape: Shape;
  weights: Float32Array<ArrayBuffer>;
  samples: Samples;
  training: Training;
}

export interface Trained {
  weights: Float32Array<ArrayBuffer>;
  /** Mean loss of every epoch, measured while it was learned. */
  losses: number[];
}

const batch = 128;
/** Samples worked on together: the buffers of a block fit the processor's cache. */
const lanes = 32;
const largestNorm = 1;

export function train(
  shape: Shape,
  warm: Float32Array<ArrayBuffer>,
  samples: Samples,
  { epochs, rate, decay, seed }: Training,
): Trained {
  const parameters = viewParameters(shape, warm.slice());
  const gradients = viewParameters(shape, new Float32Array(warm.length));
  const adam = createAdam(warm.length);
  const block = createBlock(shape, lanes);
  const random = seeded(seed);
  const order = Uint32Array.from({ length: samples.count }, (_, n) => n);
  const losses: number[] = [];
  const batches = epochs * Math.ceil(order.length / batch);
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    let loss = 0;
    for (let from = 0; from < order.length; from += batch) {
      const which = order.subarray(from, from + batch);
      loss += learnBatch(block, parameters, gradients, samples, which);
      const step = { rate: rate * (1 - done / batches), decay, largestNorm };
      descend(adam, parameters.all, gradients.all, step);
      done++;
    }
    losses.push(loss / Math.max(1, samples.count));
  }
  return { weights: parameters.all as Float32Array<ArrayBuffer>, losses };
}

export const runRefit = ({ shape, weights, samples, training }: Refit): Trained =>
  train(shape, weights, samples, training);

/** Leaves the mean of the samples' gradients; returns the sum of their losses. */
function learnBatch(
  block: Block,
  parameters: Parameters,
  gradients: Parameters,
  samples: Samples,
  which: Uint32Array,
): number {
  gradients.all.fill(0);
  let loss = 0;
  for (let from = 0; from < which.length; from += lanes)
    loss += learnBlock(block, parameters, gradients, samples, which.subarray(from, from + lanes));
  for (let n = 0; n < gradients.all.length; n++)
    gradients.all[n] = (gradients.all[n] as number) / which.length;
  return loss;
}

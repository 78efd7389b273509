/**
 * Adam (Kingma and Ba, 2015) with decoupled decay of the weights (Loshchilov and Hutter, 2019) and the gradient clipped
 * by its norm (Pascanu, Mikolov and Bengio, 2013).
 */
import type { Floats } from './floats.ts';

const betaFirst = 0.9;
const betaSecond = 0.999;
const epsilon = 1e-8;

export interface Adam {
  first: Float64Array;
  second: Float64Array;
  steps: number;
}

export const createAdam = (parameters: number): Adam => ({
  first: new Float64Array(parameters),
  second: new Float64Array(parameters),
  steps: 0,
});

/** Moves the values against their gradients. A gradient that is no finite number moves nothing. */
export function descend(
  adam: Adam,
  values: Floats,
  gradients: Floats,
  { rate, decay, largestNorm }: { rate: number; decay: number; largestNorm: number },
): void {
  const norm = normOf(gradients);
  if (!Number.isFinite(norm)) return;
  const scale = norm > largestNorm ? largestNorm / norm : 1;
  const { first, second } = adam;
  adam.steps++;
  const firstCorrection = 1 - betaFirst ** adam.steps;
  const secondCorrection = 1 - betaSecond ** adam.steps;
  for (let n = 0; n < values.length; n++) {
    const gradient = (gradients[n] as number) * scale;
    const mean = betaFirst * (first[n] as number) + (1 - betaFirst) * gradient;
    const square = betaSecond * (second[n] as number) + (1 - betaSecond) * gradient * gradient;
    first[n] = mean;
    second[n] = square;
    const step = mean / firstCorrection / (Math.sqrt(square / secondCorrection) + epsilon);
    const value = values[n] as number;
    values[n] = value - rate * (step + decay * value);
  }
}

function normOf(gradients: Floats): number {
  let sum = 0;
  for (let n = 0; n < gradients.length; n++) sum += (gradients[n] as number) ** 2;
  return Math.sqrt(sum);
}

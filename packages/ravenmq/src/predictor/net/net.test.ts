import { describe, expect, test } from 'vitest';
import { createBlock, learnBlock, predictBlock } from './block.ts';
import { normal, seeded } from './random.ts';
import { emptySamples, type Samples } from './samples.ts';
import { groupsOf, initialParameters, parameterCount, type Shape, viewParameters } from './shape.ts';
import { type Trained, train } from './train.ts';

const tiny: Shape = {
  inputs: 3,
  steps: 4,
  hidden: 5,
  layers: 2,
  statics: 3,
  dense: 6,
  levels: [0.1, 0.5, 0.9],
};

/** Of every length, 0 included, one after another. */
function randomSamples(shape: Shape, count: number, seed: number): Samples {
  const random = seeded(seed);
  const samples = emptySamples(shape, count);
  for (const numbers of [samples.sequences, samples.statics, samples.offsets])
    numbers.forEach((_, n) => {
      numbers[n] = normal(random);
    });
  for (let n = 0; n < count; n++) {
    samples.lengths[n] = n % (shape.steps + 1);
    samples.targets[n] = normal(random);
  }
  return samples;
}

const rows = (count: number) => Uint32Array.from({ length: count }, (_, n) => n);

/** No group zero: every path carries a gradient. */
function randomParameters(shape: Shape, seed: number) {
  const random = seeded(seed);
  const all = Float64Array.from({ length: parameterCount(shape) }, () => 0.5 * normal(random));
  return viewParameters(shape, all);
}

describe('gradients agree with finite differences', () => {
  const samples = randomSamples(tiny, 7, 1);
  const parameters = randomParameters(tiny, 2);
  const gradients = viewParameters(tiny, new Float64Array(parameters.all.length));
  const block = createBlock(tiny, 8, Float64Array);
  const lossOf = () => {
    const scratch = viewParameters(tiny, new Float64Array(parameters.all.length));
    return learnBlock(block, parameters, scratch, samples, rows(7));
  };
  learnBlock(block, parameters, gradients, samples, rows(7));
  let offset = 0;
  test.each(
    groupsOf(tiny).map(({ name, rows, columns }) => {
      const from = offset;
      offset += rows * columns;
      return { name, from, to: offset };
    }),
  )('$name', ({ from, to }) => {
    let largest = 0;
    for (let n = from; n < to; n++) {
      const value = parameters.all[n] as number;
      const step = 1e-5;
      parameters.all[n] = value + step;
      const up = lossOf();
      parameters.all[n] = value - step;
      const down = lossOf();
      parameters.all[n] = value;
      const expected = (up - down) / (2 * step);
      largest = Math.max(largest, Math.abs(expected));
      expect(Math.abs((gradients.all[n] as number) - expected)).toBeLessThan(1e-7 * (1 + Math.abs(expected)));
    }
    expect(largest).toBeGreaterThan(1e-3);
  });
});

describe('a net', () => {
  test('that is untrained says exactly what its offsets say', () => {
    const samples = randomSamples(tiny, 4, 3);
    const out = predictBlock(createBlock(tiny, 4), initialParameters(tiny, 1), samples, rows(4));
    for (let lane = 0; lane < 4; lane++)
      for (let n = 0; n < 3; n++) expect(out[n * 4 + lane]).toBe(samples.offsets[lane * 3 + n]);
  });

  test('gives the same answer alone as among others, whatever lies before a short sequence', () => {
    const samples = randomSamples(tiny, 13, 4);
    const parameters = viewParameters(tiny, Float32Array.from(randomParameters(tiny, 5).all));
    const together = predictBlock(createBlock(tiny, 13), parameters, samples, rows(13)).slice();
    for (let n = 0; n < 13; n++)
      samples.sequences.fill(1e6, n * 12, n * 12 + 3 * (tiny.steps - (samples.lengths[n] as number)));
    const alone = createBlock(tiny, 1);
    for (let n = 0; n < 13; n++) {
      const out = predictBlock(alone, parameters, samples, rows(13).subarray(n, n + 1));
      for (let bin = 0; bin < 3; bin++) expect(out[bin]).toBeCloseTo(together[bin * 13 + n] as number, 5);
    }
  });

  test('of another shape is refused with what to do', () => {
    expect(() => viewParameters(tiny, new Float32Array(3))).toThrow(/train a new one/);
  });
});

describe('training', () => {
  const learn = (shape: Shape, samples: Samples, epochs: number, seed = 1): Trained =>
    train(shape, initialParameters(shape, seed).all as Float32Array<ArrayBuffer>, samples, {
      epochs,
      rate: 0.02,
      decay: 0,
      seed,
    });

  test('learns a tiny series by heart, which its static features cannot tell', () => {
    const shape: Shape = {
      inputs: 1,
      steps: 6,
      hidden: 8,
      layers: 2,
      statics: 1,
      dense: 8,
      levels: [0.25, 0.5, 0.75],
    };
    const samples = emptySamples(shape, 64);
    const random = seeded(8);
    for (let n = 0; n < 64; n++) {
      samples.lengths[n] = 6;
      // What comes is what was three steps ago.
      for (let t = 0; t < 6; t++) samples.sequences[n * 6 + t] = Math.floor(random() * 3) - 1;
      samples.targets[n] = samples.sequences[n * 6 + 3] as number;
    }
    const { losses } = learn(shape, samples, 300);
    expect(losses[0]).toBeGreaterThan(0.5);
    expect(losses.at(-1)).toBeLessThan(0.02);
  });

  test('with the same seed gives the same weights, with another others', () => {
    const samples = randomSamples(tiny, 200, 9);
    const first = learn(tiny, samples, 2);
    expect(learn(tiny, samples, 2)).toEqual(first);
    expect(learn(tiny, samples, 2, 2).weights).not.toEqual(first.weights);
  });

  test('goes on from the weights it is given and leaves them as they are', () => {
    const samples = randomSamples(tiny, 200, 10);
    const { weights, losses } = learn(tiny, samples, 40);
    const kept = weights.slice();
    const next = train(tiny, weights, samples, { epochs: 1, rate: 0.001, decay: 0, seed: 3 });
    expect(next.losses[0]).toBeLessThan(losses[0] as number);
    expect(weights).toEqual(kept);
    expect(next.weights).not.toEqual(kept);
  });

  test('is moved neither by a batch that is not a number nor by none', () => {
    const samples = randomSamples(tiny, 10, 11);
    samples.statics[4] = Number.NaN;
    const untrained = initialParameters(tiny, 1).all;
    expect(learn(tiny, samples, 1).weights).toEqual(untrained);
    expect(learn(tiny, emptySamples(tiny, 0), 1)).toEqual({ weights: untrained, losses: [0] });
  });
});

/** How big a net is, and where each group of its parameters lies in the one array that holds them all. */
import type { Floats, FloatsMaker } from './floats.ts';
import { type Weights, weights } from './matrix.ts';
import { type Random, seeded } from './random.ts';

export interface Shape {
  /** Features of one step of the sequence. */
  inputs: number;
  /** Longest sequence that is looked at. */
  steps: number;
  hidden: number;
  layers: number;
  /** Features that do not belong to a step. */
  statics: number;
  /** Units between the LSTM and the output. */
  dense: number;
  /** Shares of the truths that should lie below each output, ascending. */
  levels: readonly number[];
}

/** Views into one array, of values or of their gradients. */
export interface Parameters {
  all: Floats;
  layers: LayerParameters[];
  head: HeadParameters;
}

export interface LayerParameters {
  /** [4 hidden x (inputs + hidden)]: gates i, f, g, o over the input and the state before. */
  w: Weights;
  /** [4 hidden] */
  b: Floats;
}

export interface HeadParameters {
  /** [dense x (hidden + statics)] */
  dense: Weights;
  /** [dense] */
  denseBias: Floats;
  /** [outputs x dense] */
  out: Weights;
  /** [outputs x statics]: the linear path past everything else. */
  skip: Weights;
  /** [outputs] */
  bias: Floats;
}

const inputsOf = (shape: Shape, layer: number): number => (layer === 0 ? shape.inputs : shape.hidden);

/** Names and sizes of the groups, in the order in which they lie. */
export function groupsOf(shape: Shape): { name: string; rows: number; columns: number }[] {
  const { hidden, layers, statics, dense, levels } = shape;
  const outputs = levels.length;
  return [
    ...Array.from({ length: layers }, (_, layer) => [
      { name: `layer ${layer} weights`, rows: 4 * hidden, columns: inputsOf(shape, layer) + hidden },
      { name: `layer ${layer} biases`, rows: 4 * hidden, columns: 1 },
    ]).flat(),
    { name: 'dense weights', rows: dense, columns: hidden + statics },
    { name: 'dense biases', rows: dense, columns: 1 },
    { name: 'output weights', rows: outputs, columns: dense },
    { name: 'skip weights', rows: outputs, columns: statics },
    { name: 'output biases', rows: outputs, columns: 1 },
  ];
}

export const parameterCount = (shape: Shape): number =>
  groupsOf(shape).reduce((total, { rows, columns }) => total + rows * columns, 0);

export function viewParameters(shape: Shape, all: Floats): Parameters {
  if (all.length !== parameterCount(shape))
    throw new Error(
      `A net of this shape has ${parameterCount(shape)} parameters, not ${all.length}: train a new one.`,
    );
  let offset = 0;
  const views = groupsOf(shape).map(({ rows, columns }) => {
    const begin = offset;
    offset += rows * columns;
    return weights(all.subarray(begin, offset), rows, columns);
  });
  const layers = Array.from({ length: shape.layers }, (_, layer) => ({
    w: views[2 * layer] as Weights,
    b: (views[2 * layer + 1] as Weights).values,
  }));
  const [dense, denseBias, out, skip, bias] = views.slice(2 * shape.layers) as [
    Weights,
    Weights,
    Weights,
    Weights,
    Weights,
  ];
  return {
    all,
    layers,
    head: { dense, denseBias: denseBias.values, out, skip, bias: bias.values },
  };
}

/**
 * An untrained net: the output and the linear path are zero, so that it says what it is given as offsets; the rest is
 * uniform (Glorot and Bengio, 2010), forget gates open (Jozefowicz et al., 2015).
 */
export function initialParameters(shape: Shape, seed: number, Maker: FloatsMaker = Float32Array): Parameters {
  const parameters = viewParameters(shape, new Maker(parameterCount(shape)));
  const random = seeded(seed);
  for (const { w, b } of parameters.layers) {
    fillUniform(w, shape.hidden, random);
    b.fill(1, shape.hidden, 2 * shape.hidden);
  }
  fillUniform(parameters.head.dense, shape.dense, random);
  return parameters;
}

function fillUniform({ values, columns }: Weights, units: number, random: Random): void {
  const limit = Math.sqrt(6 / (columns + units));
  for (let n = 0; n < values.length; n++) values[n] = (2 * random() - 1) * limit;
}

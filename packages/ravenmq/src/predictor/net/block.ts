/**
 * A net at work on a block of lanes: samples go in, answers or gradients come out. The buffers are made once and
 * used for every block.
 */
import type { Floats, FloatsMaker } from './floats.ts';
import * as heads from './head.ts';
import * as lstm from './lstm.ts';
import { fillLane, type Questions, type Samples } from './samples.ts';
import type { LayerParameters, Parameters, Shape } from './shape.ts';

export interface Block {
  shape: Shape;
  lanes: number;
  layers: lstm.Layer[];
  head: heads.Head;
  /** [lanes]: the step at which each lane's sequence begins. */
  begins: Uint8Array;
  /** The smallest of them. */
  first: number;
  /** [lanes] */
  targets: Float32Array;
}

export function createBlock(shape: Shape, lanes: number, Maker: FloatsMaker = Float32Array): Block {
  const { inputs, hidden, steps } = shape;
  return {
    shape,
    lanes,
    layers: Array.from({ length: shape.layers }, (_, n) =>
      lstm.createLayer(n === 0 ? inputs : hidden, hidden, steps, lanes, Maker),
    ),
    head: heads.createHead(shape, lanes, Maker),
    begins: new Uint8Array(lanes),
    first: 0,
    targets: new Float32Array(lanes),
  };
}

/** The answers to up to `lanes` questions, in columns of [outputs x lanes]; `which` are their rows. */
export function predictBlock(
  block: Block,
  parameters: Parameters,
  questions: Questions,
  which: Uint32Array,
): Floats {
  fill(block, questions, which);
  forward(block, parameters);
  return block.head.out;
}

/** Adds to the gradients what up to `lanes` samples say; returns the sum of their losses. */
export function learnBlock(
  block: Block,
  parameters: Parameters,
  gradients: Parameters,
  samples: Samples,
  which: Uint32Array,
): number {
  fill(block, samples, which);
  for (let lane = 0; lane < which.length; lane++)
    block.targets[lane] = samples.targets[which[lane] as number] as number;
  forward(block, parameters);
  const loss = heads.scoreAgainst(block.head, block.shape.levels, block.targets, which.length);
  backward(block, parameters, gradients);
  return loss;
}

function fill(block: Block, questions: Questions, which: Uint32Array): void {
  const { shape, lanes, head, begins } = block;
  const { inputs, steps, statics } = shape;
  const outputs = shape.levels.length;
  const bottom = block.layers[0];
  block.first = steps;
  for (let lane = 0; lane < lanes; lane++) {
    const row = which[lane];
    begins[lane] = steps - (row === undefined ? 0 : (questions.lengths[row] as number));
    if (row === undefined) continue;
    const begin = begins[lane] as number;
    block.first = Math.min(block.first, begin);
    if (bottom)
      for (let t = begin; t < steps; t++)
        fillLane(
          bottom.inputs[t] as Floats,
          lane,
          lanes,
          questions.sequences,
          (row * steps + t) * inputs,
          inputs,
        );
    fillLane(head.statics, lane, lanes, questions.statics, row * statics, statics);
    fillLane(head.offsets, lane, lanes, questions.offsets, row * outputs, outputs);
  }
}

function forward(block: Block, parameters: Parameters): void {
  const { layers, head, begins, first } = block;
  let below: lstm.Layer | undefined;
  for (const [n, layer] of layers.entries()) {
    if (below) for (let t = first; t < layer.steps; t++) layer.inputs[t]?.set(below.states[t + 1] as Floats);
    lstm.forward(layer, parameters.layers[n] as LayerParameters, begins, first);
    below = layer;
  }
  if (below) head.state.set(below.states[below.steps] as Floats);
  heads.forward(head, parameters.head);
}

function backward(block: Block, parameters: Parameters, gradients: Parameters): void {
  const { layers, head, begins, first, shape } = block;
  heads.backward(head, parameters.head, gradients.head);
  let above: (Floats | undefined)[] = [];
  above[shape.steps - 1] = head.stateGradient;
  for (let n = layers.length - 1; n >= 0; n--) {
    const layer = layers[n] as lstm.Layer;
    const [own, gradient] = [parameters.layers[n], gradients.layers[n]] as [LayerParameters, LayerParameters];
    lstm.backward(layer, own, gradient, above, n > 0, begins, first);
    above = layer.inputGradients;
  }
}

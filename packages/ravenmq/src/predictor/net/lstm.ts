/**
 * One layer of an LSTM (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000) over a block of
 * lanes, and its back-propagation through time. Of every step t:
 *
 *   seen  [(inputs + hidden) x lanes]  the input over the state before the step
 *   gates [4 hidden x lanes]           i, f, g, o after their squashing; backward: gradients before it
 *   cell  [hidden x lanes]             c = f c_before + i g
 *   state [hidden x lanes]             h = o tanh(c)
 *
 * Sequences end at the last step: a shorter one begins later, from zero state and cell.
 */
import type { Floats, FloatsMaker } from './floats.ts';
import { addOuter, addRowSums, columnsOf, multiply, transposed, type Weights } from './matrix.ts';
import type { LayerParameters } from './shape.ts';

export interface Layer {
  /** Of a step, per lane. */
  width: number;
  hidden: number;
  steps: number;
  lanes: number;
  /** [steps] of [(inputs + hidden) x lanes] */
  seen: Floats[];
  /** Their first rows, [inputs x lanes]. */
  inputs: Floats[];
  /** [steps + 1] of [hidden x lanes]: states[t] lies in seen[t], the last one alone. */
  states: Floats[];
  /** [steps + 1] of [hidden x lanes] */
  cells: Floats[];
  /** [steps] of [hidden x lanes]: tanh(cells[t + 1]) */
  squashed: Floats[];
  /** [steps] of [4 hidden x lanes] */
  gates: Floats[];
  /** [steps] of [inputs x lanes] and [hidden x lanes]: gradients of the two parts of `seen`. */
  inputGradients: Floats[];
  stateGradients: Floats[];
  /** [hidden x lanes]: the gradient of the cell, carried from step to step. */
  cellGradient: Floats;
}

export function createLayer(
  inputs: number,
  hidden: number,
  steps: number,
  lanes: number,
  Maker: FloatsMaker,
): Layer {
  const each = (rows: number, count = steps): Floats[] =>
    Array.from({ length: count }, () => new Maker(rows * lanes));
  const seen = each(inputs + hidden);
  return {
    width: inputs,
    hidden,
    steps,
    lanes,
    seen,
    inputs: seen.map((matrix) => matrix.subarray(0, inputs * lanes)),
    states: [...seen.map((matrix) => matrix.subarray(inputs * lanes)), new Maker(hidden * lanes)],
    cells: each(hidden, steps + 1),
    squashed: each(hidden),
    gates: each(4 * hidden),
    inputGradients: each(inputs),
    stateGradients: each(hidden),
    cellGradient: new Maker(hidden * lanes),
  };
}

/** `begins` [lanes] is the step at which each lane's sequence begins, `first` the smallest of them. */
export function forward(layer: Layer, { w, b }: LayerParameters, begins: Uint8Array, first: number): void {
  const { steps, lanes, seen, states, cells, gates } = layer;
  (states[first] as Floats).fill(0);
  (cells[first] as Floats).fill(0);
  for (let t = first; t < steps; t++) {
    // Nothing comes from the state before the first step.
    const read = t === first ? columnsOf(w, 0, layer.width) : w;
    multiply(gates[t] as Floats, read, seen[t] as Floats, lanes);
    stepForward(layer, b, begins, t);
  }
}

function stepForward(layer: Layer, b: Floats, begins: Uint8Array, t: number): void {
  const { hidden, lanes } = layer;
  const gates = layer.gates[t] as Floats;
  const before = layer.cells[t] as Floats;
  const after = layer.cells[t + 1] as Floats;
  const squashed = layer.squashed[t] as Floats;
  const states = layer.states[t + 1] as Floats;
  const block = hidden * lanes;
  for (let unit = 0; unit < hidden; unit++) {
    const bi = b[unit] as number;
    const bf = b[hidden + unit] as number;
    const bg = b[2 * hidden + unit] as number;
    const bo = b[3 * hidden + unit] as number;
    for (let lane = 0; lane < lanes; lane++) {
      const at = unit * lanes + lane;
      if (t < (begins[lane] as number)) {
        after[at] = 0;
        states[at] = 0;
        continue;
      }
      const i = sigmoid((gates[at] as number) + bi);
      const f = sigmoid((gates[at + block] as number) + bf);
      const g = Math.tanh((gates[at + 2 * block] as number) + bg);
      const o = sigmoid((gates[at + 3 * block] as number) + bo);
      const cell = f * (before[at] as number) + i * g;
      const tanh = Math.tanh(cell);
      gates[at] = i;
      gates[at + block] = f;
      gates[at + 2 * block] = g;
      gates[at + 3 * block] = o;
      after[at] = cell;
      squashed[at] = tanh;
      states[at] = o * tanh;
    }
  }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * After `forward`: adds to the gradients of the parameters and fills `inputGradients`, where `below` wants them. What
 * comes from above is `above` [steps] of [hidden x lanes], the gradient of the state after each step; absent where there
 * is none.
 */
export function backward(
  layer: Layer,
  { w }: LayerParameters,
  gradients: LayerParameters,
  above: (Floats | undefined)[],
  below: boolean,
  begins: Uint8Array,
  first: number,
): void {
  const { width, steps, lanes, gates, seen } = layer;
  const [inputs, states] = [columnsOf(w, 0, width), columnsOf(w, width, w.columns)].map(transposed) as [
    Weights,
    Weights,
  ];
  layer.cellGradient.fill(0);
  for (let t = steps - 1; t >= first; t--) {
    const z = gates[t] as Floats;
    stepBackward(layer, above[t], begins, t);
    const read = t === first ? columnsOf(gradients.w, 0, width) : gradients.w;
    addOuter(read, z, seen[t] as Floats, lanes);
    addRowSums(gradients.b, z, w.rows, lanes);
    if (below) multiply(layer.inputGradients[t] as Floats, inputs, z, lanes);
    if (t > first) multiply(layer.stateGradients[t] as Floats, states, z, lanes);
  }
}

/** Replaces the gates of a step by the gradients of what was squashed, and carries the cell's gradient one step back. */
function stepBackward(layer: Layer, above: Floats | undefined, begins: Uint8Array, t: number): void {
  const { hidden, steps, lanes, cellGradient } = layer;
  const gates = layer.gates[t] as Floats;
  const before = layer.cells[t] as Floats;
  const squashed = layer.squashed[t] as Floats;
  const later = t + 1 < steps ? (layer.stateGradients[t + 1] as Floats) : undefined;
  const block = hidden * lanes;
  for (let unit = 0; unit < hidden; unit++) {
    for (let lane = 0; lane < lanes; lane++) {
      const at = unit * lanes + lane;
      if (t < (begins[lane] as number)) {
        gates[at] = 0;
        gates[at + block] = 0;
        gates[at + 2 * block] = 0;
        gates[at + 3 * block] = 0;
        continue;
      }
      const dh = (above ? (above[at] as number) : 0) + (later ? (later[at] as number) : 0);
      const i = gates[at] as number;
      const f = gates[at + block] as number;
      const g = gates[at + 2 * block] as number;
      const o = gates[at + 3 * block] as number;
      const tanh = squashed[at] as number;
      const dc = (cellGradient[at] as number) + dh * o * (1 - tanh * tanh);
      gates[at] = dc * g * i * (1 - i);
      gates[at + block] = dc * (before[at] as number) * f * (1 - f);
      gates[at + 2 * block] = dc * i * (1 - g * g);
      gates[at + 3 * block] = dh * tanh * o * (1 - o);
      cellGradient[at] = dc * f;
    }
  }
}

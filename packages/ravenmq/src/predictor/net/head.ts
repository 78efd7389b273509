/**
 * What turns the last state of the LSTM and the static features into quantiles of what is predicted:
 *
 *   joined [(hidden + statics) x lanes]  the last state over the static features
 *   dense  [dense x lanes]               tanh(dense weights · joined + biases)
 *   out    [outputs x lanes]             output weights · dense + skip weights · statics + biases + offsets
 *
 * The offsets are what holds as long as nothing was learned.
 */
import type { Floats, FloatsMaker } from './floats.ts';
import { addOuter, addRowSums, multiply, transposed } from './matrix.ts';
import type { HeadParameters, Shape } from './shape.ts';

/** Misses smaller than it, in ln runtime, count by their square. */
const roundness = 0.05;

export interface Head {
  shape: Shape;
  lanes: number;
  joined: Floats;
  /** The two parts of `joined`. */
  state: Floats;
  statics: Floats;
  dense: Floats;
  /** [outputs x lanes] */
  offsets: Floats;
  /** [outputs x lanes]; backward: its gradients. */
  out: Floats;
  denseGradient: Floats;
  /** [hidden x lanes] */
  stateGradient: Floats;
}

export function createHead(shape: Shape, lanes: number, Maker: FloatsMaker): Head {
  const { hidden, statics, dense } = shape;
  const outputs = shape.levels.length;
  const joined = new Maker((hidden + statics) * lanes);
  return {
    shape,
    lanes,
    joined,
    state: joined.subarray(0, hidden * lanes),
    statics: joined.subarray(hidden * lanes),
    dense: new Maker(dense * lanes),
    offsets: new Maker(outputs * lanes),
    out: new Maker(outputs * lanes),
    denseGradient: new Maker(dense * lanes),
    stateGradient: new Maker(hidden * lanes),
  };
}

export function forward(head: Head, { dense, denseBias, out, skip, bias }: HeadParameters): void {
  const { lanes } = head;
  multiply(head.dense, dense, head.joined, lanes);
  for (let at = 0; at < head.dense.length; at++)
    head.dense[at] = Math.tanh((head.dense[at] as number) + (denseBias[Math.floor(at / lanes)] as number));
  multiply(head.out, out, head.dense, lanes);
  multiply(head.out, skip, head.statics, lanes, true);
  for (let at = 0; at < head.out.length; at++)
    head.out[at] =
      (head.out[at] as number) + (head.offsets[at] as number) + (bias[Math.floor(at / lanes)] as number);
}

/**
 * The loss is that of quantile regression (Koenker and Bassett, 1978), round at the bottom (Dabney et al., 2018):
 * `levels` [outputs] are the shares of the truths that should lie below each output, `targets` [lanes] the truths, in as
 * many of the first lanes as there are samples. Replaces the outputs by their gradients; returns the sum of the losses.
 */
export function scoreAgainst(
  head: Head,
  levels: readonly number[],
  targets: Float32Array,
  samples: number,
): number {
  const { out, lanes } = head;
  let loss = 0;
  for (const [n, level] of levels.entries()) {
    for (let lane = 0; lane < lanes; lane++) {
      const at = n * lanes + lane;
      if (lane >= samples) {
        out[at] = 0;
        continue;
      }
      const miss = (targets[lane] as number) - (out[at] as number);
      const size = Math.abs(miss);
      const weight = miss > 0 ? level : 1 - level;
      loss += weight * (size < roundness ? (size * size) / (2 * roundness) : size - roundness / 2);
      out[at] = (miss > 0 ? -weight : weight) * Math.min(1, size / roundness);
    }
  }
  return loss;
}

/** After `scoreAgainst`: adds to the gradients of the parameters and fills `stateGradient`. */
export function backward(head: Head, { dense, out }: HeadParameters, gradients: HeadParameters): void {
  const { shape, lanes, denseGradient } = head;
  const { hidden } = shape;
  const outputs = shape.levels.length;
  addOuter(gradients.out, head.out, head.dense, lanes);
  addOuter(gradients.skip, head.out, head.statics, lanes);
  addRowSums(gradients.bias, head.out, outputs, lanes);
  multiply(denseGradient, transposed(out), head.out, lanes);
  for (let at = 0; at < denseGradient.length; at++) {
    const unit = head.dense[at] as number;
    denseGradient[at] = (denseGradient[at] as number) * (1 - unit * unit);
  }
  addOuter(gradients.dense, denseGradient, head.joined, lanes);
  addRowSums(gradients.denseBias, denseGradient, shape.dense, lanes);
  multiply(head.stateGradient, { ...transposed(dense), rows: hidden }, denseGradient, lanes);
}

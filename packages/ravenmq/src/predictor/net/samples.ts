/** What a net is asked about and learns from: plain arrays, one row per sample, all of them transferable. */
import type { Floats } from './floats.ts';
import type { Shape } from './shape.ts';

export interface Questions {
  count: number;
  /** [count x steps x inputs], the latest step last; the rows before a shorter sequence are not read. */
  sequences: Float32Array<ArrayBuffer>;
  /** [count]: steps of each sequence, 0 to `shape.steps`. */
  lengths: Uint8Array<ArrayBuffer>;
  /** [count x statics] */
  statics: Float32Array<ArrayBuffer>;
  /** [count x outputs]: what the net corrects. */
  offsets: Float32Array<ArrayBuffer>;
}

export interface Samples extends Questions {
  /** [count]: what came true. */
  targets: Float32Array<ArrayBuffer>;
}

export const emptyQuestions = (shape: Shape, count: number): Questions => ({
  count,
  sequences: new Float32Array(count * shape.steps * shape.inputs),
  lengths: new Uint8Array(count),
  statics: new Float32Array(count * shape.statics),
  offsets: new Float32Array(count * shape.levels.length),
});

export const emptySamples = (shape: Shape, count: number): Samples => ({
  ...emptyQuestions(shape, count),
  targets: new Float32Array(count),
});

/** Copies a row of `width` numbers into column `lane` of a matrix [width x lanes]. */
export function fillLane(
  matrix: Floats,
  lane: number,
  lanes: number,
  row: Float32Array,
  from: number,
  width: number,
): void {
  for (let n = 0; n < width; n++) matrix[n * lanes + lane] = row[from + n] as number;
}

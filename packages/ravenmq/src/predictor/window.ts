/** The sliding window of encoded runs that a net is trained on, in flat arrays: taking samples is copying. */
import { type Encoded, inputs, statics, steps } from './features.ts';
import { fillOffsets, levels } from './net/quantiles.ts';
import { type Random, shuffle } from './net/random.ts';
import { emptySamples, type Questions, type Samples } from './net/samples.ts';
import type { Shape } from './net/shape.ts';

/** A net without an LSTM sees no sequences. */
export const shapeOf = (size: Pick<Shape, 'hidden' | 'layers' | 'dense'>): Shape => ({
  inputs,
  steps: size.layers > 0 ? steps : 0,
  statics,
  levels,
  ...size,
});

/** Older runs are taken together with so many in all: it is faster to copy. */
const neighbours = 16;

export class Window {
  readonly #shape: Shape;
  /** A ring: the oldest is overwritten. */
  readonly #ring: Samples;
  #added = 0;

  constructor(shape: Shape, size: number) {
    this.#shape = shape;
    this.#ring = emptySamples(shape, size);
  }

  get size(): number {
    return Math.min(this.#added, this.#ring.count);
  }

  /** `residual`: ln runtime less the baseline. */
  add(encoded: Encoded, residual: number): void {
    const row = this.#added % this.#ring.count;
    fillQuestion(this.#ring, this.#shape, row, encoded);
    this.#ring.targets[row] = residual;
    this.#added++;
  }

  /** Up to `count` runs: the latest half, and as many of the older ones by chance, in groups of neighbours. */
  sample(count: number, random: Random): Samples {
    const taken = Math.min(count, this.size);
    const latest = taken < this.size ? taken >> 1 : taken;
    const samples = emptySamples(this.#shape, taken);
    this.#copy(0, latest, samples, 0);
    const groups = Uint32Array.from({ length: Math.ceil((this.size - latest) / neighbours) }, (_, n) => n);
    shuffle(groups, random);
    let filled = latest;
    for (const group of groups) {
      const age = latest + group * neighbours;
      const rows = Math.min(neighbours, this.size - age, taken - filled);
      this.#copy(age, rows, samples, filled);
      filled += rows;
    }
    return samples;
  }

  /** Copies runs from the age of `age` (0: the latest) to older ones to the rows from `at` on. */
  #copy(age: number, rows: number, to: Samples, at: number): void {
    const { count } = this.#ring;
    const first = (this.#added - age - rows) % count;
    const straight = Math.min(rows, count - first);
    copyRows(this.#ring, first, straight, to, at);
    copyRows(this.#ring, 0, rows - straight, to, at + straight);
  }
}

function copyRows(from: Samples, first: number, rows: number, to: Samples, at: number): void {
  if (rows === 0) return;
  for (const part of ['sequences', 'lengths', 'statics', 'offsets', 'targets'] as const) {
    const width = from[part].length / from.count;
    to[part].set(from[part].subarray(first * width, (first + rows) * width), at * width);
  }
}

export function fillQuestion(questions: Questions, shape: Shape, row: number, encoded: Encoded): void {
  if (shape.steps > 0) {
    const length = encoded.sequence.length / shape.inputs;
    questions.lengths[row] = length;
    questions.sequences.set(encoded.sequence, (row * shape.steps + shape.steps - length) * shape.inputs);
  }
  questions.statics.set(encoded.statics, row * shape.statics);
  fillOffsets(questions.offsets, row * shape.levels.length, encoded.spread);
}

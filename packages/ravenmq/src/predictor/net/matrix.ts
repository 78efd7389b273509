/**
 * The two products that a net is made of. Matrices of weights lie row by row; matrices of a batch have one row per unit
 * and one column per sample ("lane"), so that a weight row is read once for several samples. Sums are kept in
 * registers, four rows by two lanes, in double precision.
 */
import type { Floats } from './floats.ts';

/** A matrix of weights, or with the strides exchanged its transpose. */
export interface Weights {
  values: Floats;
  rows: number;
  columns: number;
  rowStride: number;
  columnStride: number;
}

export const weights = (values: Floats, rows: number, columns: number): Weights => ({
  values,
  rows,
  columns,
  rowStride: columns,
  columnStride: 1,
});

export const transposed = (of: Weights): Weights => ({
  values: of.values,
  rows: of.columns,
  columns: of.rows,
  rowStride: of.columnStride,
  columnStride: of.rowStride,
});

/** The columns from `from` up to `to`, not copied. */
export const columnsOf = (of: Weights, from: number, to: number): Weights => ({
  ...of,
  values: of.values.subarray(from * of.columnStride),
  columns: to - from,
});

/** out [rows x lanes] = w [rows x columns] · x [columns x lanes], added to what `out` holds if `add`. */
export function multiply(out: Floats, w: Weights, x: Floats, lanes: number, add = false): void {
  const { values, rows, columns, rowStride, columnStride } = w;
  const inner = columns * lanes;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const first = row * rowStride;
    let lane = 0;
    for (; lane + 2 <= lanes; lane += 2) {
      let a0 = 0;
      let a1 = 0;
      let b0 = 0;
      let b1 = 0;
      let c0 = 0;
      let c1 = 0;
      let d0 = 0;
      let d1 = 0;
      for (let at = lane, wa = first; at < inner; at += lanes, wa += columnStride) {
        const x0 = x[at] as number;
        const x1 = x[at + 1] as number;
        const wb = wa + rowStride;
        const wc = wb + rowStride;
        const a = values[wa] as number;
        const b = values[wb] as number;
        const c = values[wc] as number;
        const d = values[wc + rowStride] as number;
        a0 += a * x0;
        a1 += a * x1;
        b0 += b * x0;
        b1 += b * x1;
        c0 += c * x0;
        c1 += c * x1;
        d0 += d * x0;
        d1 += d * x1;
      }
      const to = row * lanes + lane;
      put(out, to, a0, a1, add);
      put(out, to + lanes, b0, b1, add);
      put(out, to + 2 * lanes, c0, c1, add);
      put(out, to + 3 * lanes, d0, d1, add);
    }
    for (; lane < lanes; lane++) {
      let a0 = 0;
      let b0 = 0;
      let c0 = 0;
      let d0 = 0;
      for (let at = lane, wa = first; at < inner; at += lanes, wa += columnStride) {
        const x0 = x[at] as number;
        a0 += (values[wa] as number) * x0;
        b0 += (values[wa + rowStride] as number) * x0;
        c0 += (values[wa + 2 * rowStride] as number) * x0;
        d0 += (values[wa + 3 * rowStride] as number) * x0;
      }
      const to = row * lanes + lane;
      put1(out, to, a0, add);
      put1(out, to + lanes, b0, add);
      put1(out, to + 2 * lanes, c0, add);
      put1(out, to + 3 * lanes, d0, add);
    }
  }
  for (; row < rows; row++) {
    for (let lane = 0; lane < lanes; lane++) {
      let sum = 0;
      for (let at = lane, wa = row * rowStride; at < inner; at += lanes, wa += columnStride)
        sum += (values[wa] as number) * (x[at] as number);
      put1(out, row * lanes + lane, sum, add);
    }
  }
}

function put(out: Floats, at: number, first: number, second: number, add: boolean): void {
  if (add) {
    out[at] = (out[at] as number) + first;
    out[at + 1] = (out[at + 1] as number) + second;
  } else {
    out[at] = first;
    out[at + 1] = second;
  }
}

function put1(out: Floats, at: number, sum: number, add: boolean): void {
  out[at] = add ? (out[at] as number) + sum : sum;
}

/** out [rows x columns] += z [rows x lanes] · x [columns x lanes] transposed: what a batch adds to a gradient; rows that lie together. */
export function addOuter(out: Weights, z: Floats, x: Floats, lanes: number): void {
  const { values, rows, columns, rowStride } = out;
  let column = 0;
  for (; column + 4 <= columns; column += 4) {
    const xa = column * lanes;
    let row = 0;
    for (; row + 2 <= rows; row += 2) {
      const za = row * lanes;
      let a0 = 0;
      let a1 = 0;
      let b0 = 0;
      let b1 = 0;
      let c0 = 0;
      let c1 = 0;
      let d0 = 0;
      let d1 = 0;
      for (let lane = 0; lane < lanes; lane++) {
        const z0 = z[za + lane] as number;
        const z1 = z[za + lanes + lane] as number;
        const at = xa + lane;
        const a = x[at] as number;
        const b = x[at + lanes] as number;
        const c = x[at + 2 * lanes] as number;
        const d = x[at + 3 * lanes] as number;
        a0 += a * z0;
        a1 += a * z1;
        b0 += b * z0;
        b1 += b * z1;
        c0 += c * z0;
        c1 += c * z1;
        d0 += d * z0;
        d1 += d * z1;
      }
      const to = row * rowStride + column;
      put(values, to, a0, b0, true);
      put(values, to + 2, c0, d0, true);
      put(values, to + rowStride, a1, b1, true);
      put(values, to + rowStride + 2, c1, d1, true);
    }
    for (; row < rows; row++) addDots(out, z, x, lanes, row, column, column + 4);
  }
  for (let row = 0; row < rows; row++) addDots(out, z, x, lanes, row, column, columns);
}

function addDots(
  { values, rowStride }: Weights,
  z: Floats,
  x: Floats,
  lanes: number,
  row: number,
  from: number,
  to: number,
): void {
  for (let column = from; column < to; column++) {
    let sum = 0;
    for (let lane = 0; lane < lanes; lane++)
      sum += (z[row * lanes + lane] as number) * (x[column * lanes + lane] as number);
    put1(values, row * rowStride + column, sum, true);
  }
}

/** out [rows] += the sums of the rows of z [rows x lanes]. */
export function addRowSums(out: Floats, z: Floats, rows: number, lanes: number): void {
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = row * lanes, end = at + lanes; at < end; at++) sum += z[at] as number;
    put1(out, row, sum, true);
  }
}

/**
 * The predicted distribution: quantiles of the residual, which is ln(runtime) less its baseline. Between them it is taken
 * to be uniform; beyond the outermost it goes on as far as between the last two.
 */
import type { Floats } from './floats.ts';

/** Shares of the runs that should lie below each output. */
export const levels = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const;
const median = levels.indexOf(0.5);
const ninetieth = levels.indexOf(0.9);
/** Residuals beyond it are clipped: a factor of about 150 either way. */
const largestResidual = 5;

export const clipResidual = (residual: number): number =>
  Math.min(largestResidual, Math.max(-largestResidual, residual));

/** Where the quantiles of a standard normal distribution lie, by level. */
const normal = [-1.644854, -1.281552, -0.67449, 0, 0.67449, 1.281552, 1.644854];

/** Before learning: normal around 0 with the spread (standard deviation of ln runtime) as given; to `out` from `at`. */
export function fillOffsets(out: Float32Array, at: number, spread: number): void {
  for (let n = 0; n < normal.length; n++) out[at + n] = (normal[n] as number) * spread;
}

/** Of the outputs [levels x 1] as they are. */
export const medianOf = (out: Floats): number => out[median] as number;

export interface Residual {
  p50: number;
  p90: number;
  /** Mean of exp(residual): what the baseline's runtime is multiplied by. */
  meanFactor: number;
}

/** Of the outputs [levels x lanes] in column `lane`, which need not ascend. */
export function readQuantiles(out: Floats, lane: number, lanes: number): Residual {
  const at = levels.map((_, n) => clipResidual(out[n * lanes + lane] as number)).sort((a, b) => a - b);
  let meanFactor = 0;
  for (let n = 0; n <= at.length; n++) {
    const low = at[n - 1] ?? 2 * (at[0] as number) - (at[1] as number);
    const high = at[n] ?? 2 * low - (at[n - 2] as number);
    meanFactor += ((levels[n] ?? 1) - (levels[n - 1] ?? 0)) * meanExp(low, high);
  }
  return { p50: at[median] as number, p90: at[ninetieth] as number, meanFactor };
}

/** Mean of exp between two numbers. */
const meanExp = (low: number, high: number): number =>
  high - low < 1e-6 ? Math.exp(low) : (Math.exp(high) - Math.exp(low)) / (high - low);

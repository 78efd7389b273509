/**
 * A trace as it might have been: what a single replay shows may be luck, what many shaken ones show is not. Every
 * moment of submission moves by up to 1 % of the span between the moments before and after it, with all jobs submitted
 * then; every run time is multiplied by 0.9 to 1.1. Both evenly distributed, and the same for the same seed.
 */
import { seeded } from '../predictor/net/random.ts';
import type { TraceRow } from './trace.ts';

const ofSpan = 0.01;
const ofRuntime = 0.1;

/** `rows` in the order of submission; so are those answered. */
export function shaken(rows: readonly TraceRow[], seed: number): TraceRow[] {
  const next = seeded(seed);
  const between = (limit: number) => (2 * next() - 1) * limit;
  const moments = [...new Set(rows.map(({ submitMs }) => submitMs))];
  const moved = new Map(
    moments.map((moment, n) => {
      const span = (moments[n + 1] ?? moment) - (moments[n - 1] ?? moment);
      return [moment, Math.max(0, moment + between(ofSpan) * span)];
    }),
  );
  return rows
    .map((row) => ({
      ...row,
      submitMs: moved.get(row.submitMs) as number,
      runtimeMs: row.runtimeMs * (1 + between(ofRuntime)),
    }))
    .sort((a, b) => a.submitMs - b.submitMs);
}

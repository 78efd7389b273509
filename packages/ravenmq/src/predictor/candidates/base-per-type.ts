/** What schedulers without a memory use: one run time per job type, the plain mean of all its runs so far. */
import type { Candidate } from '../candidate.ts';
import type { History } from '../history.ts';
import { clampMs, priorOf } from '../running-stats.ts';

/** Types kept; those after it get the assumption. */
const typesKept = 10_000;

export function basePerType(): Candidate<History> {
  const types = new Map<string, { runs: number; meanMs: number }>();
  return {
    name: 'base-per-type',
    predict({ type }) {
      const ms = types.get(type)?.meanMs ?? priorOf(type).meanMs;
      return { p50Ms: ms, p90Ms: ms, meanMs: ms };
    },
    learn({ type, runtimeMs, outcome }) {
      if (outcome !== 'done') return;
      const base = types.get(type) ?? { runs: 0, meanMs: 0 };
      base.runs++;
      base.meanMs += (clampMs(runtimeMs) - base.meanMs) / base.runs;
      if (types.size < typesKept) types.set(type, base);
    },
  };
}

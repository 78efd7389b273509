/**
 * What jobs would wait that came now and were served first come, first served, as far as a busy system can tell without
 * playing it along: the work that lies before them, by the slots. It is the same in every order that leaves no slot
 * idle. Kept of the last thousand arrivals, some together.
 */

/** Arrivals in a row, and the longest wait of them. */
export interface ExpectedWait {
  count: number;
  ms: number;
}

const window = 1_000;
/** Arrivals that are kept together. */
const together = 20;

/** The newest last. */
export function withArrivals(waits: readonly ExpectedWait[], arrived: ExpectedWait): ExpectedWait[] {
  if (arrived.count === 0) return [...waits];
  const last = waits.at(-1);
  const kept =
    last && last.count < together
      ? [
          ...waits.slice(0, -1),
          { count: last.count + arrived.count, ms: Math.round(Math.max(last.ms, arrived.ms)) },
        ]
      : [...waits, { count: arrived.count, ms: Math.round(arrived.ms) }];
  let first = kept.length;
  for (let count = 0; first > 0 && count < window; ) count += (kept[--first] as ExpectedWait).count;
  return kept.slice(first);
}

/** The wait that one in a hundred exceeds, and the longest, in milliseconds. */
export function fifoOf(waits: readonly ExpectedWait[]): { p99Ms: number; maxMs: number } {
  const sorted = waits.toSorted((a, b) => b.ms - a.ms);
  let longer = 0.01 * waits.reduce((sum, { count }) => sum + count, 0);
  for (const { count, ms } of sorted) {
    longer -= count;
    if (longer < 0) return { p99Ms: ms, maxMs: (sorted[0] as ExpectedWait).ms };
  }
  return { p99Ms: 0, maxMs: 0 };
}

/** A8: one leader after another, never two, and never long without one. */
import type { Evidence, TermFact } from '../evidence.ts';

export function leaders({ terms, staleWrites, outages }: Evidence, longestGapMs: number): string[] {
  const problems: string[] = [];
  for (let n = 1; n < terms.length; n++) {
    const before = terms[n - 1] as TermFact;
    const after = terms[n] as TermFact;
    if (after.term !== before.term + 1) problems.push(`term ${after.term} followed ${before.term}`);
    if (after.electedAt < before.electedAt) problems.push(`term ${after.term} began before its predecessor`);
    const gap = after.electedAt - before.lastSeen - away(outages, before.lastSeen, after.electedAt);
    if (gap > longestGapMs) problems.push(`nobody led for ${gap.toFixed(0)} ms before term ${after.term}`);
  }
  if (terms.length === 0) problems.push('nobody ever led');
  for (const { by, what } of staleWrites) problems.push(`${by} wrote to ${what} while somebody else led`);
  return problems;
}

/** How much of a span the database was away: nobody can lead then. */
function away(outages: Evidence['outages'], from: number, to: number): number {
  return outages.reduce(
    (sum, outage) => sum + Math.max(0, Math.min(to, outage.to) - Math.max(from, outage.from)),
    0,
  );
}

/** A8: one leader after another, never two, and never long without one. */
import type { Evidence, TermFact } from '../evidence.ts';

export function leaders({ terms, staleWrites, outages, lost }: Evidence, longestGapMs: number): string[] {
  const problems: string[] = [];
  // Somebody led until the old primary's death, also where the new one learned nothing of it.
  const led = lost.terms.map(({ electedAt, lastSeen }) => ({ from: electedAt, to: lastSeen }));
  for (let n = 1; n < terms.length; n++) {
    const before = terms[n - 1] as TermFact;
    const after = terms[n] as TermFact;
    if (after.term !== before.term + 1) problems.push(`term ${after.term} followed ${before.term}`);
    if (after.electedAt < before.electedAt) problems.push(`term ${after.term} began before its predecessor`);
    const gap =
      after.electedAt - before.lastSeen - within([...outages, ...led], before.lastSeen, after.electedAt);
    if (gap > longestGapMs) problems.push(`nobody led for ${gap.toFixed(0)} ms before term ${after.term}`);
  }
  if (terms.length === 0) problems.push('nobody ever led');
  for (const { by, what } of staleWrites) problems.push(`${by} wrote to ${what} while somebody else led`);
  return problems;
}

/** How much of a span is in these. While the database is away nobody can lead. */
function within(spans: { from: number; to: number }[], from: number, to: number): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0);
}

/** What a run prints: a row for every trial, a column for every assertion, and what was done and seen. */
import { type Assertion, assertions } from './judge.ts';
import type { Counts, Result } from './trial.ts';

const names = Object.keys(assertions) as Assertion[];

export function table(results: Result[]): string {
  const head = ['fault', ...names, 'jobs', 'starts', 'stale', 'recovery', 'seconds', 'done to it'];
  const rows = results.map((result) => {
    const { fault, verdicts, counts, skipped, seconds } = result;
    if (skipped !== undefined) return [fault, `skipped: ${skipped}`];
    return [
      fault,
      ...names.map((name) => mark(verdicts?.[name])),
      String(counts?.jobs ?? ''),
      String(counts?.starts ?? ''),
      String(counts?.staleFinishes ?? ''),
      counts ? `${counts.longestRecoveryMs} ms` : '',
      seconds.toFixed(0),
      counts ? deedsOf(counts) : '',
    ];
  });
  const widths = head.map((title, n) =>
    Math.max(
      title.length,
      ...rows.filter((row) => row.length === head.length).map((row) => row[n]?.length ?? 0),
    ),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function mark(problems: string[] | undefined): string {
  if (problems === undefined) return '-';
  return problems.length === 0 ? 'ok' : 'RED';
}

const deeds = [
  'kills',
  'pauses',
  'cuts',
  'resets',
  'terminations',
  'crashes',
  'outages',
  'rolls',
  'swallowed',
  'failovers',
] as const;

function deedsOf(counts: Counts): string {
  const done = deeds.filter((deed) => counts[deed] > 0).map((deed) => `${counts[deed]} ${deed}`);
  return [...done, ...(counts.failovers > 0 ? [lostBy(counts.lostAcknowledgements)] : [])].join(', ');
}

const lostBy = (jobs: number) => `${jobs} acknowledged jobs lost by them`;

/** Sums over all trials, in one line. */
export function totals(results: Result[]): string {
  const ran = results.flatMap((result) => result.counts ?? []);
  const sum = (name: keyof Counts) => ran.reduce((total, counts) => total + counts[name], 0);
  const longest = Math.max(0, ...ran.map((counts) => counts.longestRecoveryMs));
  const all = ['jobs', 'starts', ...deeds] as const;
  const parts = all.map((name) => `${sum(name)} ${name}`);
  if (sum('failovers') > 0) parts.push(lostBy(sum('lostAcknowledgements')));
  return `${parts.join(', ')}, ${sum('staleFinishes')} stale finishes refused, longest recovery ${longest} ms`;
}

export function problemsOf(result: Result): string[] {
  return names.flatMap((name) => {
    const problems = result.verdicts?.[name] ?? [];
    const shown = problems.slice(0, 10).map((problem) => `  ${name} ${assertions[name]}: ${problem}`);
    return problems.length > 10 ? [...shown, `  ${name}: and ${problems.length - 10} more`] : shown;
  });
}

/** A3: one end for every job, and no move on the way that is not in the table of moves. */
import { moves } from '../../../src/jobs/job.ts';
import type { EventFact, Evidence } from '../evidence.ts';

const final = new Set(['done', 'failed', 'cancelled']);
const legal = new Set(moves.map(({ from, to }) => `${from} to ${to}`));

export function oneOutcome({ jobs, logs, events }: Evidence): string[] {
  const problems: string[] = [];
  const ofJob = Map.groupBy(events, (event) => event.job);
  const ends = Map.groupBy(
    logs.filter((log) => log.final),
    (log) => log.job,
  );
  for (const { id, status } of jobs) {
    const history = ofJob.get(id) ?? [];
    problems.push(...illegalMoves(id, history));
    const count = history.filter((event) => final.has(event.to)).length;
    if (count !== (final.has(status) ? 1 : 0))
      problems.push(`job ${id} is ${status} and ended ${count} times`);
    if ((ends.get(id)?.length ?? 0) > 1) problems.push(`job ${id} has more than one final attempt`);
  }
  return problems;
}

function illegalMoves(id: string, history: EventFact[]): string[] {
  const problems: string[] = [];
  let status = 'new';
  for (const { from, to } of history) {
    if (from !== null && from !== status) problems.push(`job ${id} was ${status} and left ${from}`);
    if (!legal.has(`${status} to ${to}`)) problems.push(`job ${id} went from ${status} to ${to}`);
    status = to;
  }
  return problems;
}

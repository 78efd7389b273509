/** A10: after a fault the system goes on by itself, and soon. */
import type { Evidence } from '../evidence.ts';

const cancelWithinMs = 10_000;

export function liveness(
  { jobs, events, stuck, recoveries, cancels, lost }: Evidence,
  { recoverWithinMs, healedAt }: { recoverWithinMs: number; healedAt: number },
): string[] {
  const problems: string[] = [];
  const open = jobs.filter((job) => !['done', 'failed', 'cancelled'].includes(job.status)).length;
  if (open > 0) problems.push(`${open} jobs have not ended`);
  if (stuck > 0) problems.push(`${stuck} jobs are running under a lease that expired long ago`);
  for (const { what, ms } of recoveries) {
    if (ms > recoverWithinMs) problems.push(`${what} took ${ms.toFixed(0)} ms`);
  }
  const ended = new Map(
    events.filter((event) => event.to === 'cancelled').map((event) => [event.job, event.at]),
  );
  const gone = new Set(lost.jobs.map((job) => job.id));
  for (const { id, ackedAt } of cancels) {
    if (gone.has(id)) continue;
    if (ackedAt === undefined) problems.push(`the request to cancel ${id} was never answered`);
    else {
      // A request of before the heal counts from the heal.
      const took = (ended.get(id) ?? Number.POSITIVE_INFINITY) - Math.max(ackedAt, healedAt);
      if (took > cancelWithinMs) problems.push(`job ${id} took ${took.toFixed(0)} ms to be cancelled`);
    }
  }
  return problems;
}

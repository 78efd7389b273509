/** A4: the fence of a job only grows, and what an older one hands in is refused. */
import type { Evidence } from '../evidence.ts';

export function fencing({ jobs, events, logs }: Evidence): string[] {
  const problems: string[] = [];
  const latest = new Map<string, number>();
  for (const { job, to, fence } of events) {
    const before = latest.get(job) ?? 0;
    if (to === 'running' && fence <= before)
      problems.push(`job ${job} was claimed with fence ${fence} after ${before}`);
    else if (to !== 'running' && fence !== before)
      problems.push(`job ${job} became ${to} by fence ${fence} while ${before} was held`);
    latest.set(job, Math.max(before, fence));
  }
  const recorded = new Set<string>();
  for (const { job, fence } of logs) {
    const attempt = `${job} fence ${fence}`;
    if (recorded.has(attempt)) problems.push(`the attempt ${attempt} is recorded twice`);
    recorded.add(attempt);
  }
  for (const { id, status, fence, resultFence } of jobs) {
    if (status === 'done' && resultFence !== fence) {
      problems.push(`job ${id} has the result of fence ${resultFence}, and ended by ${fence}`);
    }
  }
  return problems;
}

/** After pauses past the lease: that nothing stale was refused would mean that the fault did not bite. */
export function staleSeen({ staleFinishes, reports }: Evidence): string[] {
  const refused = reports.filter((report) => report.event === 'refused').length;
  return staleFinishes + refused > 0 ? [] : ['nothing stale was refused: the fault did not bite'];
}

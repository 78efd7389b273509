/** A6: every attempt is counted, none twice, and no job gets more than it has. */
import type { Evidence } from '../evidence.ts';

export function attempts({ jobs, logs, events, reports }: Evidence): string[] {
  const problems: string[] = [];
  const claims = new Set(
    events.filter((event) => event.to === 'running').map((event) => `${event.job} ${event.fence}`),
  );
  const started = new Set<string>();
  for (const { event, job, fence } of reports) {
    if (event !== 'start') continue;
    const attempt = `${job} ${fence}`;
    if (started.has(attempt)) problems.push(`the attempt ${attempt} started twice`);
    if (!claims.has(attempt)) problems.push(`the attempt ${attempt} started without a claim`);
    started.add(attempt);
  }
  const ofJob = Map.groupBy(logs, (log) => log.job);
  for (const { id, status, retryCount, maxRetries } of jobs) {
    const recorded = ofJob.get(id) ?? [];
    const used = recorded.filter((log) => !log.final).length;
    if (used !== retryCount)
      problems.push(`job ${id} counts ${retryCount} failed attempts; ${used} are recorded`);
    if (recorded.length > maxRetries + 1) problems.push(`job ${id} had ${recorded.length} attempts`);
    for (const { fence, outcome } of recorded) {
      // The claim records a start; when its answer is lost, or its worker dies, the handler may never have begun.
      if (outcome !== 'crashed' && outcome !== 'cancelled' && !started.has(`${id} ${fence}`))
        problems.push(`the attempt ${id} ${fence} is recorded as ${outcome} and never started`);
    }
    if (status === 'done' && !recorded.some((log) => log.final && log.outcome === 'done'))
      problems.push(`job ${id} is done without an attempt that was`);
  }
  return problems;
}

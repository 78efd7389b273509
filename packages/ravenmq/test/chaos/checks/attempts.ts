/**
 * A6: every attempt is counted, none twice, and no job gets more than it has. A claim that a dead primary took with it
 * was a claim all the same; the new one makes another with the same fence.
 */
import { type Evidence, isClaim } from '../evidence.ts';

export function attempts({ jobs, logs, events, reports, lost }: Evidence): string[] {
  const problems: string[] = [];
  const claims = countOf([...events, ...lost.events].filter(isClaim));
  const started = countOf(reports.filter((report) => report.event === 'start'));
  for (const [attempt, starts] of started) {
    const claimed = claims.get(attempt) ?? 0;
    if (claimed === 0) problems.push(`the attempt ${attempt} started without a claim`);
    else if (starts > claimed)
      problems.push(`the attempt ${attempt} started ${starts} times, claimed ${claimed}`);
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

/** How often there is each attempt: a job and a fence. */
function countOf(list: { job: string; fence: number }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { job, fence } of list) counts.set(`${job} ${fence}`, (counts.get(`${job} ${fence}`) ?? 0) + 1);
  return counts;
}

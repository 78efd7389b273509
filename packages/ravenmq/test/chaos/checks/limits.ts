/** A9: no limit is ever passed, and nothing of one organization turns up in another. */
import type { Evidence } from '../evidence.ts';

export function limits({ jobs, events, submissions, reports }: Evidence, limit: number): string[] {
  const problems: string[] = [];
  const scopes = new Map(
    jobs.filter((job) => job.concurrencyKey).map((job) => [job.id, `${job.tenant} ${job.concurrencyKey}`]),
  );
  const running = new Map<string, Set<string>>();
  for (const { job, to } of events.toSorted((a, b) => a.at - b.at)) {
    const scope = scopes.get(job);
    if (!scope) continue;
    const now = running.get(scope) ?? new Set();
    if (to === 'running') now.add(job);
    else now.delete(job);
    running.set(scope, now);
    if (now.size > limit) problems.push(`${now.size} jobs of ${scope} ran at the same time`);
  }
  const org = new Map(submissions.map((submission) => [submission.key, submission.org]));
  const tenant = new Map(jobs.map((job) => [job.id, job.tenant]));
  for (const { id, key, tenant } of jobs) {
    if (org.has(key ?? '') && org.get(key ?? '') !== tenant)
      problems.push(`job ${id} is in another organization`);
  }
  for (const report of reports) {
    if (tenant.has(report.job) && tenant.get(report.job) !== report.tenant)
      problems.push(`job ${report.job} ran for another organization`);
  }
  return problems;
}

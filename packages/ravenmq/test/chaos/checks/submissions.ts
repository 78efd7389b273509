/** A1: nothing acknowledged is lost. A2: nothing runs that nobody asked for. */
import type { Evidence } from '../evidence.ts';
import { endings } from '../mix.ts';

const final = new Set(['done', 'failed', 'cancelled']);

export function noLoss({ submissions, jobs }: Evidence): string[] {
  const byKey = new Map(jobs.map((job) => [job.key, job]));
  const problems: string[] = [];
  for (const { key, kind, outcome, ids } of submissions) {
    const job = byKey.get(key);
    if (outcome === 'ok' && !job) problems.push(`${kind} job ${key} was acknowledged and is gone`);
    else if (job && !final.has(job.status)) problems.push(`${kind} job ${key} has not ended: ${job.status}`);
    else if (job && !endings(kind).includes(job.status)) {
      problems.push(`${kind} job ${key} ended as ${job.status}`);
    }
    if (job && ids.some((id) => id !== job.id)) problems.push(`${key} was answered with other ids`);
  }
  return problems;
}

export function noPhantom({ submissions, jobs, reports }: Evidence): string[] {
  const asked = new Map(submissions.map((submission) => [submission.key, submission]));
  const known = new Map(jobs.map((job) => [job.id, job]));
  const problems: string[] = [];
  const seen = new Set<string | null>();
  for (const { id, key } of jobs) {
    const submission = asked.get(key ?? '');
    if (!submission) problems.push(`job ${id} was never submitted`);
    else if (submission.outcome === 'fail') problems.push(`job ${id} was refused and exists`);
    if (seen.has(key)) problems.push(`two jobs have the key ${key}`);
    seen.add(key);
  }
  for (const { event, job } of reports) {
    if (event === 'start' && !known.has(job)) problems.push(`a job started that does not exist: ${job}`);
  }
  return problems;
}

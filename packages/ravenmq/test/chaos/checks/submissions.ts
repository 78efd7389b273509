/**
 * A1: nothing acknowledged is lost, except what a primary took with it that died without its standby having it.
 * A2: nothing runs that nobody asked for.
 */
import type { Evidence } from '../evidence.ts';
import { endings } from '../mix.ts';

const final = new Set(['done', 'failed', 'cancelled']);

export function noLoss({ submissions, jobs, lost }: Evidence): string[] {
  const byKey = new Map(jobs.map((job) => [job.key, job]));
  const gone = new Set(lostAcknowledgements({ submissions, jobs, lost }));
  const problems: string[] = [];
  for (const { key, kind, outcome, ids } of submissions) {
    const job = byKey.get(key);
    if (outcome === 'ok' && !job && !gone.has(key))
      problems.push(`${kind} job ${key} was acknowledged and is gone`);
    else if (job && !final.has(job.status)) problems.push(`${kind} job ${key} has not ended: ${job.status}`);
    else if (job && !endings(kind).includes(job.status)) {
      problems.push(`${kind} job ${key} ended as ${job.status}`);
    }
    if (job && ids.some((id) => id !== job.id)) problems.push(`${key} was answered with other ids`);
  }
  return problems;
}

/** Keys of the jobs that were acknowledged, that a dead primary had, and that are gone. */
export function lostAcknowledgements({
  submissions,
  jobs,
  lost,
}: Pick<Evidence, 'submissions' | 'jobs' | 'lost'>): string[] {
  const there = new Set(jobs.map((job) => job.key));
  const died = new Set(lost.jobs.map((job) => job.id));
  return submissions
    .filter(({ key, outcome, ids }) => outcome === 'ok' && !there.has(key) && ids.some((id) => died.has(id)))
    .map(({ key }) => key);
}

export function noPhantom({ submissions, jobs, reports, lost }: Evidence): string[] {
  const asked = new Map(submissions.map((submission) => [submission.key, submission]));
  const known = new Set([...jobs, ...lost.jobs].map((job) => job.id));
  const problems: string[] = [];
  const seen = new Set<string | null>();
  for (const { id, key } of jobs) {
    const submission = asked.get(key ?? '');
    if (!submission) problems.push(`job ${id} was never submitted`);
    else if (submission.outcome === 'fail') problems.push(`job ${id} was refused and exists`);
    if (seen.has(key)) problems.push(`two jobs have the key ${key}`);
    seen.add(key);
  }
  for (const { id, key } of lost.jobs) {
    if (!asked.has(key ?? '')) problems.push(`the lost job ${id} was never submitted`);
  }
  for (const { event, job } of reports) {
    if (event === 'start' && !known.has(job)) problems.push(`a job started that does not exist: ${job}`);
  }
  return problems;
}

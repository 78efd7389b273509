/** Failures that are the same but for their numbers, ids and paths fall into one group. */
import type { Job } from './wire.ts';

export interface FailureGroup {
  key: string;
  type: string;
  /** The message of the newest one. */
  message: string;
  jobs: Job[];
}

export function fingerprint(message: string): string {
  const [line = ''] = message.split('\n', 1);
  return line
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '#')
    .replace(/\b0x[0-9a-f]+\b/gi, '#')
    .replace(/\/[\w.@-]+(\/[\w.@-]+)+/g, '/…')
    .replace(/\d+(\.\d+)*/g, '#')
    .slice(0, 200);
}

/** Newest first within a group, as they came; the largest group first. */
export function groupFailures(jobs: Job[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const job of jobs) {
    const message = job.error_msg ?? 'no message';
    const key = `${job.type} ${fingerprint(message)}`;
    const group = groups.get(key) ?? { key, type: job.type, message, jobs: [] };
    group.jobs.push(job);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.jobs.length - a.jobs.length);
}

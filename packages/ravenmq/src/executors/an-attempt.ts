/** For tests: an attempt, and what it reported. */
import type { Attempt } from './executor.ts';

export interface Reported {
  logs: string[];
  progress: number[];
  metrics: [string, number, number][];
}

export function anAttempt(payload: Record<string, unknown>, more: Partial<Attempt> = {}) {
  const reported: Reported = { logs: [], progress: [], metrics: [] };
  const attempt: Attempt = {
    jobId: 'job-1',
    tenantId: 'tenant-1',
    type: 'test',
    name: 'test',
    payload,
    attempt: 2,
    fence: 7,
    signal: new AbortController().signal,
    log: (message) => void (reported.logs.length < 1_000 && reported.logs.push(message)),
    progress: (share) => void reported.progress.push(share),
    metric: (name, step, value) => void reported.metrics.push([name, step, value]),
    ...more,
  };
  return Object.assign(attempt, { reported });
}

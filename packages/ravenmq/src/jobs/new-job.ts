import { hash } from 'node:crypto';

/** A job as its submitter describes it. Times are RFC 3339 text; null means not given. */
export interface NewJob {
  orgId: string | null;
  userId: string | null;
  queue: string;
  type: string;
  name: string;
  payload: Record<string, unknown>;
  /** Static priority: 2 halves the wait that the predicted runtime adds. */
  weight: number;
  runAt: string | null;
  deadline: string | null;
  /** Starts after the first: 3 means at most four. */
  maxRetries: number;
  timeoutMs: number | null;
  idempotencyKey: string | null;
  concurrencyKey: string | null;
  labels: Record<string, string>;
  /** How much work it is, in any unit that grows with it: rows, bytes, frames. */
  sizeHint: number | null;
  /** What makes runs of one series differ: a branch, a preset, a version. */
  variant: string | null;
}

export const newJobDefaults: Omit<NewJob, 'orgId' | 'userId' | 'type' | 'name' | 'payload'> = {
  queue: 'default',
  weight: 1,
  runAt: null,
  deadline: null,
  maxRetries: 3,
  timeoutMs: null,
  idempotencyKey: null,
  concurrencyKey: null,
  labels: {},
  sizeHint: null,
  variant: null,
};

/** Fingerprint of a request: the same idempotency key with another fingerprint is a conflict. */
export function requestHash(job: NewJob): Buffer {
  const { orgId, userId, queue, type, name, weight, runAt, deadline, maxRetries, timeoutMs } = job;
  const plain = [orgId, userId, queue, type, name, weight, runAt, deadline, maxRetries, timeoutMs];
  plain.push(job.concurrencyKey, job.sizeHint, job.variant);
  const text = `${JSON.stringify(plain)}${canonicalJson(job.payload)}${canonicalJson(job.labels)}`;
  return hash('sha256', text, 'buffer');
}

/** JSON with the keys of every object in order: what says the same reads the same. */
function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const entry = (value as Record<string, unknown>)[key];
    if (entry !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(entry)}`;
  }
  return `{${text}}`;
}

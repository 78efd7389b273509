import { createHash } from 'node:crypto';

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
  const { idempotencyKey: _, ...rest } = job;
  return createHash('sha256').update(canonicalJson(rest)).digest();
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value as Record<string, unknown>).filter(([, entry]) => entry !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
}

/** What a job is: its states, the moves between them and who makes each. The CHECK constraints say the same. */

export type LiveStatus = 'scheduled' | 'queued' | 'running';
export type FinalStatus = 'done' | 'failed' | 'cancelled';
export type Status = LiveStatus | FinalStatus;

export const statuses: readonly Status[] = ['scheduled', 'queued', 'running', 'done', 'failed', 'cancelled'];

type Actor = 'submitter' | 'worker' | 'leader' | 'person';

/**
 * SQL: the row `j` is running (a CHECK ties its lease to that). Not `is not null`: with a million waiting jobs the
 * planner would expect one running among a thousand ids, and join a thousand finishes by comparing each with each. Of
 * an expression it knows nothing and expects a third.
 */
export const isHeld = `coalesce(j.lease_expires_at, 'infinity') < 'infinity'`;

/** Every legal move. docs/job-lifecycle.md draws this table; a test compares the two. */
export const moves: readonly { from: Status | 'new'; to: Status; by: Actor; why: string }[] = [
  { from: 'new', to: 'queued', by: 'submitter', why: 'submitted' },
  { from: 'new', to: 'scheduled', by: 'submitter', why: 'submitted with run_at in the future' },
  { from: 'scheduled', to: 'queued', by: 'leader', why: 'run_at has come' },
  { from: 'queued', to: 'running', by: 'worker', why: 'claimed' },
  { from: 'running', to: 'done', by: 'worker', why: 'the attempt succeeded' },
  { from: 'running', to: 'failed', by: 'worker', why: 'the last attempt failed' },
  { from: 'running', to: 'scheduled', by: 'worker', why: 'an attempt failed, retries are left' },
  { from: 'running', to: 'queued', by: 'worker', why: 'released without using an attempt' },
  { from: 'running', to: 'cancelled', by: 'worker', why: 'a cancel request was obeyed' },
  { from: 'running', to: 'queued', by: 'leader', why: 'the lease expired' },
  { from: 'running', to: 'failed', by: 'leader', why: 'the lease of the last attempt expired' },
  { from: 'running', to: 'cancelled', by: 'leader', why: 'the lease expired after a cancel request' },
  { from: 'scheduled', to: 'cancelled', by: 'person', why: 'cancelled' },
  { from: 'queued', to: 'cancelled', by: 'person', why: 'cancelled' },
  { from: 'failed', to: 'queued', by: 'person', why: 'retried by hand' },
];

/** Jobs that became ready: how many, and the smallest rank among them (null: none), which a wake-up tells workers. */
export interface MadeReady {
  count: number;
  firstRank: number | null;
}

/** A row of the view `jobs`. Times are RFC 3339 text with microseconds. */
export interface JobRow {
  id: string;
  tenant_id: string;
  org_id: string | null;
  user_id: string | null;
  queue: string;
  type: string;
  name: string;
  payload: Record<string, unknown>;
  status: Status;
  priority: number;
  weight: number;
  predicted_runtime_ms: number;
  predicted_p90_ms: number;
  rank: number | null;
  ready_at: string | null;
  gate: string | null;
  concurrency_key: string | null;
  fence: number;
  worker_id: string | null;
  lease_expires_at: string | null;
  run_at: string | null;
  deadline: string | null;
  timeout_ms: number | null;
  retry_count: number;
  max_retries: number;
  crash_count: number;
  cancel_requested: boolean;
  idempotency_key: string | null;
  labels: Record<string, string>;
  size_hint: number | null;
  variant: string | null;
  error_msg: string | null;
  result: unknown;
  runtime_ms: number | null;
  created_at: string | null;
  started_at: string | null;
  finished_at: string | null;
}

/** The columns of the view `jobs` in the order of JobRow. */
export const jobColumns = `id, tenant_id, org_id, user_id, queue, type, name, payload, status, priority, weight,
  predicted_runtime_ms, predicted_p90_ms, rank, ready_at, gate, concurrency_key, fence, worker_id, lease_expires_at,
  run_at, deadline, timeout_ms, retry_count, max_retries, crash_count, cancel_requested, idempotency_key, labels,
  size_hint, variant, error_msg, result, runtime_ms, created_at, started_at, finished_at`;

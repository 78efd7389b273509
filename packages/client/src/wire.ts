/** What the API sends and takes, under its own names. Times are RFC 3339 text. */

export type Status = 'scheduled' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface NewJob {
  name: string;
  type: string;
  payload: Record<string, unknown>;
  queue?: string;
  run_at?: string;
  deadline?: string;
  /** Static priority: 2 halves the wait that the predicted runtime adds. */
  weight?: number;
  /** Starts after the first. */
  max_retries?: number;
  timeout_ms?: number;
  idempotency_key?: string;
  concurrency_key?: string;
  labels?: Record<string, string>;
  size_hint?: number;
  variant?: string;
}

export interface Job
  extends Required<Pick<NewJob, 'name' | 'type' | 'payload' | 'queue' | 'weight' | 'max_retries'>> {
  id: string;
  status: Status;
  priority: number;
  user_id: string | null;
  org_id: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  run_at: string | null;
  deadline: string | null;
  retry_count: number;
  error_msg: string | null;
  lease_expires_at: string | null;
  timeout_ms: number | null;
  labels: Record<string, string>;
  worker_id: string | null;
  predicted_runtime_ms: number;
  runtime_ms: number | null;
  result: unknown;
  cancel_requested: boolean;
}

export interface User {
  id: string;
  username: string;
  role: 'admin' | 'org_admin' | 'user';
}

export interface Organization {
  id: string;
  name: string;
  created_at: string;
}

export interface Worker {
  worker_id: string;
  hostname: string;
  started_at: string;
  last_seen: string;
  jobs_processed: number;
  status: 'active' | 'offline';
  seconds_since_heartbeat: number;
  slots: number;
}

export interface JobFilter {
  status?: Status;
  type?: string;
  queue?: string;
  name?: string;
  labels?: Record<string, string>;
  created_after?: string;
  created_before?: string;
  /** Jobs per page, 200 at most. */
  limit?: number;
}

/** What the API sends and takes, under its own names. Times are RFC 3339 text. */

import type { Eta } from './forecast-wire.ts';

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
  concurrency_key: string | null;
  idempotency_key: string | null;
  /** How far a running job says it is, from 0 to 1. */
  progress: { share: number; note: string | null; updated_at: string } | null;
  /** When it is expected to start and end; null: nobody knows, or it does not wait. Lists leave it out. */
  eta?: Eta | null;
  /** The chance to miss its deadline is above one in ten; null without a deadline. */
  deadline_at_risk?: boolean | null;
  /** It runs far past its predicted p90. */
  running_long?: boolean;
}

export interface LogLine {
  /** Grows along the log. */
  seq: number;
  /** 1 is the first start. */
  attempt: number;
  at: string;
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
}

export interface MetricPoint {
  name: string;
  step: number;
  value: number;
  at: string;
}

export interface NewSchedule {
  /** Also the name of its jobs. */
  name: string;
  /** Five fields, or six with seconds first; or every_ms. */
  cron?: string;
  every_ms?: number;
  /** IANA name, UTC by default. */
  timezone?: string;
  job: Omit<NewJob, 'name' | 'run_at' | 'deadline' | 'idempotency_key'>;
  /** Fires that nobody was there for: run none, the last one (the default), or all. */
  missed?: 'skip' | 'once' | 'all';
  /** While an earlier job has not ended: submit all the same (the default), leave out, or wait for its end. */
  overlap?: 'allow' | 'skip' | 'queue';
  paused?: boolean;
}

export interface Schedule extends Required<Omit<NewSchedule, 'cron' | 'every_ms'>> {
  id: string;
  cron: string | null;
  every_ms: number | null;
  /** The next five fires; none while paused. */
  next: string[];
  /** What was decided of the newest fire time. */
  last_fire: ScheduleFire | null;
  created_at: string;
  updated_at: string;
}

export interface ScheduleFire {
  fire_at: string;
  outcome: 'fired' | 'waiting' | 'overlap' | 'missed' | 'failed';
  job_id: string | null;
  by_hand: boolean;
  error: string | null;
  decided_at: string;
}

export interface User {
  id: string;
  username: string;
  role: 'admin' | 'org_admin' | 'user';
}

export interface Member extends User {
  created_at: string;
}

export interface Organization {
  id: string;
  name: string;
  created_at: string;
}

export interface ApiKey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

export interface Leader {
  worker_id: string;
  elected_at: string;
  last_seen: string;
  seconds_since_heartbeat: number;
  status: 'active' | 'stale';
}

export interface Worker {
  worker_id: string;
  /** Stays the same from start to start; jobs_processed counts over all of them. */
  name: string;
  hostname: string;
  started_at: string;
  last_seen: string;
  jobs_processed: number;
  status: 'active' | 'offline';
  seconds_since_heartbeat: number;
  slots: number;
  /** Results that came too late to count. */
  stale_finishes: number;
}

/** Of the jobs that the caller may see; null where there is nothing to average. */
export interface Summary {
  counts: {
    total_done: number;
    total_failed: number;
    total_queued: number;
    total_running: number;
    total_scheduled: number;
    /** Of the jobs that are done or failed, 0 to 1. */
    success_rate: number | null;
  };
  by_type: {
    type: string;
    avg_actual_ms: number | null;
    avg_predicted_ms: number | null;
    total: number;
  }[];
  prediction_mape_pct: number | null;
  prediction_log_error: number | null;
  queue_health: {
    avg_queue_wait_ms: number | null;
    p95_queue_wait_ms: number | null;
    p95_execution_ms: number | null;
    jobs_last_hour: number;
  };
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

/** What the API answers to these pages, beyond what the client package names. */
import type {
  Job,
  LogLine,
  Member,
  NewWhatif,
  Organization,
  Schedule,
  ScheduleFire,
  Status,
  Summary,
  User,
  Whatif,
  Worker,
} from '@ravenmq/client';

export type {
  Job,
  LogLine,
  Member,
  NewWhatif,
  Organization,
  Schedule,
  ScheduleFire,
  Status,
  Summary,
  Whatif,
  Worker,
};

export const statuses: Status[] = ['queued', 'running', 'scheduled', 'done', 'failed', 'cancelled'];

export interface SessionUser extends User {
  org_id: string | null;
}

export interface Snapshot {
  at: string;
  scheduled: number;
  queued: number;
  running: number;
  queued_ms: number;
  version: string;
  workers: number;
  slots: number;
  leader: 'active' | 'stale' | null;
}

export interface Attempt {
  attempt: number;
  outcome: string;
  runtime_ms: number;
  predicted_runtime_ms: number;
  wait_ms: number;
  worker_id: string | null;
  error_msg: string | null;
  logged_at: string;
}

export interface Leader {
  worker_id: string;
  elected_at: string;
  last_seen: string;
  seconds_since_heartbeat: number;
  status: 'active' | 'stale';
  term: number;
}

export interface ThroughputBucket {
  bucket: string;
  done: number;
  failed: number;
}

export interface DepthBucket {
  bucket: string;
  scheduled: number;
  queued: number;
  running: number;
  queued_ms: number;
}

export interface Accuracy {
  type: string;
  actual_ms: number;
  predicted_ms: number;
  finished_at: string;
}

export const queuePolicies = ['adaptive', 'fifo', 'priority', 'shortest'] as const;
export type QueuePolicy = (typeof queuePolicies)[number];

/** What is not given stays as it is; null lifts. */
export interface QueueChange {
  paused?: boolean;
  policy?: QueuePolicy;
  promise_ms?: number | null;
  concurrency?: number | null;
  starts?: { starts: number; per_seconds: number; burst?: number } | null;
}

export interface Queue {
  name: string;
  paused: boolean;
  policy: QueuePolicy;
  /** As people set it; null: it is reckoned. */
  promise_ms: number | null;
  /** As it is kept just now; null: none. */
  guard_ms: number | null;
  concurrency: number | null;
  starts_per_second: number | null;
  burst: number | null;
  queued: number;
  running: number;
  scheduled: number;
}

export interface ApiKey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: string | null;
  action: string;
  target: string;
  detail: Record<string, unknown>;
  request_id: string | null;
}

export interface Scores {
  misorder: number;
  logError: number;
  mape: number;
  coverage: number;
}

export interface ModelVersion {
  id: number;
  candidate: string;
  trained_at: string;
  samples: number;
  took_ms: number;
  curve: number[];
  metrics: Partial<Scores>;
}

export interface PredictorState {
  choice: {
    mode: 'auto' | 'fixed' | 'off';
    candidate: string | null;
    version: number | null;
    train_asked_at: string | null;
    changed_at: string;
  };
  report: {
    champions: { misorder: string; logError: string };
    runs: number;
    candidates: Record<string, Scores>;
  } | null;
  learned_at: string | null;
  versions: ModelVersion[];
  events: {
    at: string;
    kind: string;
    question: string | null;
    candidate: string | null;
    version: number | null;
    before: string | null;
    metrics: Record<string, number>;
  }[];
}

/** Times between which something is expected. */
export interface Range {
  p10: string;
  p50: string;
  p90: string;
}

export interface Reason {
  code: string;
  text: string;
}

export interface Explanation {
  sentence: string;
  planned_at: string | null;
  position: number | null;
  waiting: number | null;
  start: Range | null;
  finish: Range | null;
  predicted: { p50_ms: number; p90_ms: number; mean_ms: number };
  reason: Reason | null;
  neighbours: {
    position: number;
    own: boolean;
    job_id: string | null;
    name: string | null;
    type: string | null;
    start_by: string | null;
    start: Range | null;
    self: boolean;
  }[];
}

export interface Estimate {
  predicted: { p50_ms: number; p90_ms: number };
  position: number | null;
  start: Range | null;
  finish: Range | null;
  sentence: string;
}

export interface Alarms {
  running_long: { job_id: string; name: string; elapsed_ms: number; p90_ms: number }[];
  deadlines_at_risk: { job_id: string; name: string; deadline: string }[];
}

/** A job as others may see it: those of other organizations have a place and times only. */
interface Seen {
  own: boolean;
  job_id: string | null;
  name: string | null;
  type: string | null;
}

export interface Board {
  queue: string;
  planned_at: string | null;
  paused: boolean;
  waiting: number;
  running: number;
  slots: number;
  backlog_ms: number;
  running_ms: number;
  drained: Range | null;
  jobs: (Seen & {
    position: number;
    start: Range | null;
    finish: Range | null;
    predicted: { p50_ms: number; p90_ms: number } | null;
    reason: Reason | null;
  })[];
  slots_plan: {
    worker_id: string;
    slot: number;
    items: (Seen & {
      kind: 'running' | 'planned';
      from: string;
      until: { p50: string; p90: string } | null;
    })[];
  }[];
}

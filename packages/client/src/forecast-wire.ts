/** What the API says of the future: times as ranges, 10 %, 50 % and 90 % of the chance are before them. */

export interface Range {
  p10: string;
  p50: string;
  p90: string;
}

export interface Eta {
  planned_at: string;
  /** In its queue, all organizations counted. */
  position: number | null;
  start: Range | null;
  finish: Range | null;
}

export interface Predicted {
  p50_ms: number;
  p90_ms: number;
  mean_ms: number;
}

export interface Reason {
  /** One of a closed list: docs/explain.md. */
  code: string;
  text: string;
  detail: Record<string, string | number | null>;
}

/** Jobs of other organizations have no id and no name. */
interface Named {
  position: number;
  own: boolean;
  job_id: string | null;
  name: string | null;
  type: string | null;
}

export interface Explanation {
  job_id: string;
  status: string;
  queue: string;
  sentence: string;
  planned_at: string | null;
  position: number | null;
  waiting: number | null;
  /** False: beyond the jobs that are planned one by one. */
  exact: boolean;
  start: Range | null;
  finish: Range | null;
  predicted: Predicted;
  reason: Reason | null;
  /** Of its start-by time. */
  terms: {
    ready_at: string;
    mean_ms: number;
    weight: number;
    stretch: number | null;
    added_ms: number;
    deadline: string | null;
    p90_ms: number;
    start_by: string;
    set_by: 'stretch' | 'deadline' | 'arrival';
  } | null;
  ahead: (Named & { start_by: string | null; sooner_ms: number | null }) | null;
  neighbours: (Named & { self: boolean; start_by: string | null; start: Range | null })[];
  running_long: boolean;
  deadline_at_risk: boolean | null;
}

export interface NewEstimate {
  type: string;
  name?: string;
  payload?: Record<string, unknown>;
  queue?: string;
  size_hint?: number;
  variant?: string;
  weight?: number;
  deadline?: string;
}

export interface Estimate {
  predicted: Predicted;
  basis: 'variant' | 'series' | 'type' | 'built_in' | 'default';
  samples: number;
  queue: string;
  position: number | null;
  waiting: number | null;
  start: Range | null;
  finish: Range | null;
  planned_at: string | null;
  deadline_at_risk: boolean | null;
  sentence: string;
}

export interface Board {
  queue: string;
  planned_at: string | null;
  paused: boolean;
  waiting: number;
  running: number;
  slots: number;
  free_slots: number;
  workers: number;
  /** Predicted work that waits, and that is left of what runs. */
  backlog_ms: number;
  running_ms: number;
  /** When all that waits now will have started. */
  drained: Range | null;
  jobs: (Named & {
    org_id: string | null;
    start: Range | null;
    finish: Range | null;
    predicted: { p50_ms: number; p90_ms: number } | null;
    reason: Reason | null;
    worker_id: string | null;
    slot: number | null;
  })[];
  slots_plan: {
    worker_id: string;
    slot: number;
    items: (Omit<Named, 'position'> & {
      kind: 'running' | 'planned';
      from: string;
      until: { p50: string; p90: string } | null;
    })[];
  }[];
}

export interface NewWhatif {
  window?: 'hour' | 'day' | 'week';
  /** `all`: every organization's jobs, for administrators. */
  scope?: 'own' | 'all';
  queue?: string;
  policies?: ('fifo' | 'priority' | 'shortest' | 'adaptive' | 'hrrn')[];
  /** The first is what there is. */
  slots: number[];
  arrival_scales?: number[];
  predictor?: string;
}

export interface Whatif {
  id: string;
  status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  /** 0 to 1. */
  progress: number;
  asked: Required<Omit<NewWhatif, 'scope' | 'queue'>> & { queue?: string; everything: boolean };
  asked_at: string;
  ended_at: string | null;
  error: string | null;
  result: {
    jobs: number;
    from: string;
    until: string;
    sentence: string;
    rows: {
      policy: string;
      slots: number;
      arrival_scale: number;
      utilisation: number;
      mean_wait_ms: number;
      p95_wait_ms: number;
      p99_wait_ms: number;
      max_wait_ms: number;
      slowdown: number;
      /** 0 is first come, first served, 100 the clairvoyant order. */
      gap_wait: number;
      gap_slowdown: number;
      /** 0 %, 5 % .. 100 %. */
      wait_quantiles_ms: number[];
    }[];
    capacity: {
      arrival_scale: number;
      slots: number;
      p95_wait_ms: number;
      slots_to_keep: number | null;
      sentence: string;
    }[];
  } | null;
}

/**
 * What the plan is made from: a picture of everything that waits, runs and can run jobs. Names of queues, lanes, types
 * and limits are numbers here, places in the lists of names. Times are milliseconds from the moment of the picture.
 */

/** A predicted run time: median and 90th percentile, in milliseconds. Equal ones mean that nobody knows the spread. */
export interface Spread {
  p50Ms: number;
  p90Ms: number;
}

export interface WaitingJob extends Spread {
  id: string;
  lane: number;
  type: number;
  /** The smallest first, inside a lane. */
  rank: number;
  /** Limits that it counts against. */
  scopes: readonly number[];
  /** It has no place in them yet. */
  gated: boolean;
}

export interface RunningJob extends Spread {
  id: string;
  lane: number;
  /** -1 when the worker is not known to live. */
  worker: number;
  /** Negative: claimed, but not begun. */
  elapsedMs: number;
  scopes: readonly number[];
}

/** The waiting work of one tenant in one queue. */
export interface Lane {
  queue: number;
  tenantId: string;
  /** Predicted work that it was given, divided by its weight, ahead of the queue's clock, in milliseconds. */
  vtime: number;
  weight: number;
  paused: boolean;
  /** Jobs that wait in it behind those that are listed, and the mean of their predicted run times. */
  beyond: { jobs: number; meanMs: number };
}

export interface Queue {
  name: string;
  paused: boolean;
}

export interface PlanWorker {
  id: string;
  slots: number;
  /** Null: every queue; every type. */
  queues: ReadonlySet<number> | null;
  types: ReadonlySet<number> | null;
}

export interface Limit {
  scope: string;
  max: number;
  /** Places that jobs hold: running ones, and those that wait with their gate open. */
  held: number;
}

/** A job as they come: `rankAhead` microseconds lie between its arrival and its rank. */
export type Arrival = Omit<WaitingJob, 'id' | 'rank'> & { rankAhead: number };

/** How jobs come at present: `perMs` times one of `like`, drawn at random, which is what came at one time. */
export interface Arrivals {
  perMs: number;
  like: readonly (readonly Arrival[])[];
}

export interface PlanState {
  /** Milliseconds since 1970, by the database's clock. Ranks are microseconds since then. */
  nowMs: number;
  queues: readonly Queue[];
  lanes: readonly Lane[];
  types: readonly string[];
  limits: readonly Limit[];
  workers: readonly PlanWorker[];
  running: readonly RunningJob[];
  waiting: readonly WaitingJob[];
  arrivals: Arrivals;
}

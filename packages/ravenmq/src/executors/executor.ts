export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * What an attempt may tell while it runs. None of it waits for the database: it is written in batches, and what goes
 * past a limit is counted and left out.
 */
export interface Reports {
  /** One line or several; escape sequences of terminals are taken out. */
  log(message: string, level?: LogLevel): void;
  /** How far it is, from 0 to 1, and what it is doing. */
  progress(share: number, note?: string): void;
  /** A number that changes from step to step, such as the loss of a training. A step told again replaces the first. */
  metric(name: string, step: number, value: number): void;
}

/** What a worker hands to an executor: one attempt of one job. */
export interface Attempt extends Reports {
  jobId: string;
  /** The organization, or the user without one, that the job belongs to. */
  tenantId: string;
  type: string;
  name: string;
  payload: Record<string, unknown>;
  /** Counts from 1. */
  attempt: number;
  /** Grows with every claim of the job; a receiver can refuse anything older than what it has seen. */
  fence: number;
  /** Deadline, cancel and lost lease all arrive here. */
  signal: AbortSignal;
}

/**
 * Resolves with the JSON result to store (at most 256 kB). Rejects with an Error whose message is stored as
 * error_msg; see outcome.ts for the errors that steer the retry. Settles only when nothing of the attempt runs on.
 */
export type Executor = (attempt: Attempt) => Promise<unknown>;

/** What a worker hands to an executor: one attempt of one job. */
export interface Attempt {
  jobId: string;
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

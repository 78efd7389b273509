/** The named orders of a queue: the number by which a job waits, the smallest first. Ties go to the older job. */
import { type Ranked, startBy } from './start-by.ts';

export type Policy = 'fifo' | 'priority' | 'shortest' | 'adaptive' | 'hrrn';

export interface Waiting extends Ranked {
  p50Ms: number;
  /** What the adaptive order was stretched by when the job became ready. */
  stretch: number;
}

/** Shown on the row and ordered by in the plain form: shorter, higher; 1/2 at three seconds. */
export const priorityOf = (predictedMs: number): number => 1 / (1 + predictedMs / 3_000);

/** `hrrn` changes while jobs wait; the others are fixed when a job becomes ready. */
export const rankBy: Record<Policy, (job: Waiting, nowMs: number) => number> = {
  fifo: ({ readyAtMs }) => readyAtMs,
  priority: ({ p50Ms }) => -priorityOf(p50Ms),
  shortest: ({ meanMs, weight }) => meanMs / weight,
  adaptive: (job) => startBy(job, job.stretch),
  /** Highest response ratio next (Brinch Hansen 1971). */
  hrrn: ({ readyAtMs, meanMs, weight }, nowMs) => -(1 + ((nowMs - readyAtMs) * weight) / meanMs),
};

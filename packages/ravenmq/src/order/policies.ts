/**
 * The orders by name: the number by which a job waits, the smallest first. Ties go to the older job. The SQL function
 * rank_of says the same of the policies that a queue may have.
 */
import { type Ranked, startBy } from './start-by.ts';

/** What a queue may be ordered by. */
export const policies = ['fifo', 'priority', 'shortest', 'adaptive'] as const;
export type Policy = (typeof policies)[number];
/** What a replay may be, beside those. */
export type ReplayedPolicy = Policy | 'predicted-priority' | 'hrrn';

export interface Waiting extends Ranked {
  p50Ms: number;
  /** What the adaptive order was stretched by when the job became ready. */
  stretch: number;
}

/** Of an order by weight and time: time takes up the lower 42 bits, a step of the weight is 0.7 %. */
const timeSpan = 2 ** 42;
const stepsPerDouble = 100;
const lowestStep = -1_023;

/** Shown on the row; ordered by in the plain form: shorter, higher; 1/2 at three seconds. */
export const priorityOf = (predictedMs: number): number => 1 / (1 + predictedMs / 3_000);

/** `hrrn` changes while jobs wait; the others are fixed when a job becomes ready. */
export const rankBy: Record<ReplayedPolicy, (job: Waiting, nowMs: number) => number> = {
  fifo: ({ readyAtMs }) => micro(readyAtMs),
  priority: ({ readyAtMs, weight }) => Math.floor(readyAtMs) - (1_024 + weightStep(weight)) * timeSpan,
  shortest: ({ meanMs, weight }) => Math.min(1e15, micro(meanMs / weight)),
  adaptive: (job) => micro(startBy(job, job.stretch)),
  'predicted-priority': ({ p50Ms }) => -priorityOf(p50Ms),
  /** Highest response ratio next (Brinch Hansen 1971). */
  hrrn: ({ readyAtMs, meanMs, weight }, nowMs) => -(1 + ((nowMs - readyAtMs) * weight) / meanMs),
};

/** Whole microseconds, as the database keeps ranks. */
const micro = (ms: number) => Math.floor(ms * 1_000);

const weightStep = (weight: number) =>
  Math.max(lowestStep, Math.floor(stepsPerDouble * Math.log2(weight) + 0.5));

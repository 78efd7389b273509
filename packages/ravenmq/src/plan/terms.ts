/** The terms of a job's start-by number, from the row itself: what is shown is what it is ordered by. */
import type { JobRow } from '../jobs/job.ts';
import { instant } from './range.ts';

export interface Terms {
  ready_at: string;
  /** Mean of the predicted run time. */
  mean_ms: number;
  weight: number;
  /** What the row was stretched by; null where something else set the number. */
  stretch: number | null;
  /** From ready to start-by. */
  added_ms: number;
  deadline: string | null;
  p90_ms: number;
  start_by: string;
  set_by: 'stretch' | 'deadline' | 'arrival';
}

/** Whether a rank is a start-by time: under priority and shortest, and once a job was brought forward, it is none. */
export const isTime = (rank: number): boolean => rank > 1e15;

export const startByOf = (rank: number): string | null => (isTime(rank) ? instant(rank / 1e3) : null);

export function termsOf(
  job: Pick<JobRow, 'rank' | 'ready_at' | 'weight' | 'deadline' | 'predicted_p90_ms'>,
  meanMs: number,
): Terms | null {
  if (job.rank === null || !isTime(job.rank) || job.ready_at === null) return null;
  const startByMs = job.rank / 1e3;
  const readyMs = Date.parse(job.ready_at);
  const addedMs = Math.max(0, startByMs - readyMs);
  const latestMs =
    job.deadline === null ? Number.POSITIVE_INFINITY : Date.parse(job.deadline) - job.predicted_p90_ms;
  const bound = Math.abs(Math.max(readyMs, latestMs) - startByMs) < 2;
  const setBy = addedMs < 1 ? 'arrival' : bound ? 'deadline' : 'stretch';
  return {
    ready_at: job.ready_at,
    mean_ms: meanMs,
    weight: job.weight,
    stretch:
      setBy === 'stretch' && meanMs > 0 ? Number(((addedMs * job.weight) / meanMs).toPrecision(4)) : null,
    added_ms: addedMs,
    deadline: job.deadline,
    p90_ms: job.predicted_p90_ms,
    start_by: instant(startByMs),
    set_by: setBy,
  };
}

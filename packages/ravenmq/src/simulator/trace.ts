/** A workload to be replayed: jobs in the order of their submission. */
import type { Job } from '../predictor/candidate.ts';

/** What a trace says of a job, whatever its form; '' or undefined where it is silent. */
export interface Recorded {
  id: string;
  submitS: number;
  runtimeS: number;
  user: string;
  group: string;
  name: string;
  queue: string;
  requestedS: number | undefined;
  requestedSlots: number | undefined;
}

export interface TraceRow extends Omit<Job, 'readyAtMs' | 'attempt' | 'previousOutcome'> {
  id: string;
  submitMs: number;
  runtimeMs: number;
}

/** Runs that a clock of seconds took for nothing. */
const shortestMs = 1;

/** The whole trace is one organization: its groups, users and what they ask for make up the series. */
export function rowOf(recorded: Recorded): TraceRow {
  const { id, submitS, runtimeS, user, group, name, queue, requestedS, requestedSlots } = recorded;
  return {
    id,
    submitMs: submitS * 1_000,
    runtimeMs: Math.max(shortestMs, runtimeS * 1_000),
    tenant: 'trace',
    user,
    type: [group, queue].filter(Boolean).join(' ') || 'job',
    name,
    variant: [user, requestedS, requestedSlots].filter((part) => part !== undefined).join(' '),
    requestedMs: requestedS === undefined ? undefined : requestedS * 1_000,
    sizeHint: requestedSlots,
  };
}

export interface ReplayedJob {
  id: string;
  /** What predictors are shown. */
  job: Job;
  submitMs: number;
  runtimeMs: number;
}

/** The jobs of a trace, the times between their submissions multiplied by `timeScale`; the first is submitted at 0. */
export function jobsOf(rows: readonly TraceRow[], timeScale: number): ReplayedJob[] {
  const first = rows[0]?.submitMs ?? 0;
  return rows.map(({ id, submitMs, runtimeMs, ...job }) => {
    const readyAtMs = (submitMs - first) * timeScale;
    return {
      id,
      submitMs: readyAtMs,
      runtimeMs,
      job: { ...job, readyAtMs, attempt: 1, previousOutcome: undefined },
    };
  });
}

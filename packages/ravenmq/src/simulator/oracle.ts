/** Knows how long every job will run: what no scheduler can do, and so the yardstick of all. */
import type { Candidate, Job } from '../predictor/candidate.ts';
import type { ReplayedJob } from './trace.ts';

export function oracle(jobs: readonly ReplayedJob[]): Candidate<unknown> {
  const runtimes = new Map(jobs.map(({ job, runtimeMs }) => [job, runtimeMs]));
  return {
    name: 'oracle',
    predict(job: Job) {
      const ms = runtimes.get(job) as number;
      return { p50Ms: ms, p90Ms: ms, meanMs: ms };
    },
    learn() {},
  };
}

/** Jobs and runs for the tests of predictors. */
import type { Job, Run } from '../src/predictor/candidate.ts';

export const aJob = (some: Partial<Job> = {}): Job => ({
  tenant: 'acme',
  user: 'ada',
  type: 'build',
  name: 'site',
  variant: '',
  sizeHint: undefined,
  requestedMs: undefined,
  readyAtMs: 0,
  attempt: 1,
  previousOutcome: undefined,
  ...some,
});

export const aRun = (runtimeMs: number, some: Partial<Run> = {}): Run => ({
  ...aJob(some),
  startedAtMs: 0,
  finishedAtMs: runtimeMs,
  runtimeMs,
  outcome: 'done',
  ...some,
});

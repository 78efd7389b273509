/** The library: define jobs, enqueue them, run them. */
export { NonRetryable, RetryAfter } from './executors/outcome.ts';
export type { Duration } from './library/duration.ts';
export {
  defineJob,
  InvalidPayload,
  type JobDefinition,
  type JobOptions,
} from './library/job-definition.ts';
export { type EnqueueOptions, JobFailed, type JobHandle, Raven, type RavenOptions } from './library/raven.ts';
export { createWorker, type LibraryWorker, type WorkerOptions } from './library/worker.ts';
export type { AttemptContext } from './worker/attempt-context.ts';
export { LeaseLost } from './worker/complete.ts';

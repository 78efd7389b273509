export { type Credentials, createClient, type RavenClient } from './client.ts';
export { RavenError } from './error.ts';
export type {
  Board,
  Estimate,
  Eta,
  Explanation,
  NewEstimate,
  NewWhatif,
  Predicted,
  Range,
  Reason,
  Whatif,
} from './forecast-wire.ts';
export type { JobReports, LogOptions } from './job-reports.ts';
export type { Jobs, WaitOptions } from './jobs.ts';
export type { CallOptions, ClientOptions } from './request.ts';
export type {
  ApiKey,
  Job,
  JobFilter,
  Leader,
  LogLine,
  Member,
  MetricPoint,
  NewJob,
  NewSchedule,
  Organization,
  Schedule,
  ScheduleFire,
  Status,
  Summary,
  User,
  Worker,
} from './wire.ts';

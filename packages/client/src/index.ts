export { createClient, type RavenClient } from './client.ts';
export type { Jobs, WaitOptions } from './jobs.ts';
export { type ClientOptions, RavenError } from './request.ts';
export type { Job, JobFilter, NewJob, Organization, Status, User, Worker } from './wire.ts';

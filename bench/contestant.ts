/** What every system under test can do, so that the questions are asked of all in the same way. */
import type { Pool } from '../packages/ravenmq/src/db/connect.ts';

/** Work for a handler that does nothing. */
export interface Payload {
  n: number;
  /** Monotonic time of the submission in milliseconds. */
  at: number;
  /** Urgency, 0 to 999, in whatever way the contestant orders its jobs; absent: first come, first served. */
  level?: number;
}

export interface Producer {
  one(payload: Payload): Promise<unknown>;
  many(payloads: Payload[]): Promise<unknown>;
  /** One job inside a transaction of the caller's own; absent where the jobs are not in the caller's database. */
  inTransaction?(payload: Payload): Promise<unknown>;
  close(): Promise<void>;
}

export interface Running {
  stop(): Promise<void>;
}

/** What a worker is tuned for: many waiting jobs, one job at a time, or a steady stream. */
export type Tuning = 'backlog' | 'latency' | 'stream';

export interface Contestant {
  /** Makes its tables, or empties them: before every window, in no process that is measured. */
  prepare(tuning: Tuning): Promise<void>;
  /** Whether every job has been finished on record, not only handled. */
  isEmpty(pool: Pool): Promise<boolean>;
  produce(): Promise<Producer>;
  work(onJob: (payload: Payload) => void, tuning: Tuning): Promise<Running>;
  /** What runs beside the workers in a process of its own. */
  accompany?(): Promise<Running>;
}

/** Where the contestants keep their jobs. */
export interface Place {
  databaseUrl: string;
  /** Empty: no Redis here. */
  redisUrl: string;
  /** Finished jobs of the contestant with a history. */
  historyRows: number;
}

const ours = async () => (await import('./ours/direct.ts')).direct;
const makers: Record<string, (place: Place) => Promise<Contestant>> = {
  ravenmq: async (place) => (await ours())(place),
  'ravenmq-quiet': async (place) => (await ours())(place, { wakeUps: false }),
  'ravenmq-mixed': async (place) => (await ours())(place, { mixed: true }),
  'ravenmq-history': async (place) => (await import('./ours/history.ts')).withHistory(place),
  'ravenmq-rest': async (place) => (await import('./ours/rest.ts')).rest(place),
  'ravenmq-sdk': async (place) => (await import('./ours/rest.ts')).sdk(place),
  'bare-http': async (place) => (await import('./ours/bare-http.ts')).bareHttp(place),
  'bare-sql': async (place) => (await import('./ours/bare-sql.ts')).bareSql(place),
  'bare-fused': async (place) => (await import('./ours/bare-sql.ts')).bareSql(place, { fused: true }),
  'minimal-sql': async (place) => (await import('./ours/minimal-sql.ts')).minimalSql(place),
  'pg-boss': async (place) => (await import('./peers/pg-boss.ts')).pgBoss(place),
  'graphile-worker': async (place) => (await import('./peers/graphile-worker.ts')).graphileWorker(place),
  bullmq: async (place) => (await import('./peers/bullmq.ts')).bullmq(place),
};

export function contestant(name: string, place: Place): Promise<Contestant> {
  const make = makers[name];
  if (make) return make(place);
  throw new Error(`There is no contestant ${name}: one of ${Object.keys(makers).join(', ')}.`);
}

/** Milliseconds on the clock that all processes of a machine share. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

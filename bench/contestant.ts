/** What every system under test can do, so that the questions are asked of all in the same way. */

/** Work for a handler that does nothing; `at` is the monotonic time of the submission in milliseconds. */
export interface Payload {
  n: number;
  at: number;
}

export interface Producer {
  one(payload: Payload): Promise<unknown>;
  many(payloads: Payload[]): Promise<unknown>;
  close(): Promise<void>;
}

export interface RunningWorker {
  stop(): Promise<void>;
}

/** What a worker is tuned for: many waiting jobs, one job at a time, or a steady stream. */
export type Tuning = 'backlog' | 'latency' | 'stream';

export interface Contestant {
  /** Makes its tables, or empties them. Once before every window, in no process that is measured. */
  prepare(tuning: Tuning): Promise<void>;
  produce(): Promise<Producer>;
  work(onJob: (payload: Payload) => void, tuning: Tuning): Promise<RunningWorker>;
}

/** Where the contestants keep their jobs. */
export interface Place {
  databaseUrl: string;
  /** Empty: no Redis here. */
  redisUrl: string;
}

const makers: Record<string, (place: Place) => Promise<Contestant>> = {
  ravenmq: async (place) => (await import('./ours/library.ts')).library(place),
  'ravenmq-quiet': async (place) => (await import('./ours/library.ts')).library(place, { wakeUps: false }),
  'ravenmq-rest': async (place) => (await import('./ours/rest.ts')).rest(place),
  'ravenmq-tx': async (place) => (await import('./ours/library.ts')).library(place, { inTransaction: true }),
  'ravenmq-mixed': async (place) => (await import('./ours/library.ts')).library(place, { mixed: true }),
  'bare-sql': async (place) => (await import('./ours/bare-sql.ts')).bareSql(place),
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

export const payloads = (count: number): Payload[] =>
  Array.from({ length: count }, (_, n) => ({ n, at: monotonicMs() }));

import { connect } from '../db/connect.ts';
import { endPool } from '../db/dead-sockets.ts';
import { createListener } from '../db/listen.ts';
import { sessionUrl } from '../db/route.ts';
import { cancelChannel, firstRankOf, wakeUpChannel } from '../db/wake-ups.ts';
import { NonRetryable } from '../executors/outcome.ts';
import { createLogger, type Logger } from '../log.ts';
import type { Handler } from '../worker/attempt.ts';
import { newIdentity } from '../worker/identity.ts';
import { createWorker as createEngineWorker, statementTimeoutOf } from '../worker/worker.ts';
import { type Duration, toMs } from './duration.ts';
import { type AnyJob, InvalidPayload } from './job-definition.ts';

export interface WorkerOptions {
  databaseUrl: string;
  /** Needed when databaseUrl leads to a transaction pooler: an address of PostgreSQL itself, for LISTEN. */
  databaseDirectUrl?: string;
  schema?: string;
  jobs: AnyJob[];
  /** Jobs that run at the same time; 10 by default. */
  slots?: number;
  /** Queues to serve; all by default. */
  queues?: string[];
  /**
   * Slots kept for jobs predicted to take less than `under`; without such a job for `lendAfter` (5 s) they are lent to
   * any. None by default.
   */
  fastLane?: { slots: number; under: Duration; lendAfter?: Duration };
  /** Lifetime of a claim in milliseconds, renewed every third of it; 30,000 by default. */
  leaseMs?: number;
  log?: Logger;
}

const defaultSlots = 10;

export interface LibraryWorker {
  readonly id: string;
  start(): Promise<void>;
  /** Starts, and stops on SIGINT or SIGTERM; resolves when it has stopped. */
  run(): Promise<void>;
  /** Running jobs get `graceMs` to end (20 s by default); the rest is released without using an attempt. */
  stop(graceMs?: number): Promise<void>;
}

function fastLaneOf({ fastLane, slots = defaultSlots }: WorkerOptions) {
  if (!fastLane) return null;
  if (!Number.isInteger(fastLane.slots) || fastLane.slots < 1 || fastLane.slots >= slots)
    throw new Error(
      `fastLane.slots is ${fastLane.slots}: a whole number from 1, fewer than the ${slots} slots.`,
    );
  return {
    slots: fastLane.slots,
    underMs: toMs(fastLane.under),
    lendAfterMs: toMs(fastLane.lendAfter ?? '5s'),
  };
}

/** A worker for handlers in this process. It serves the jobs of every organization. */
export function createWorker(options: WorkerOptions): LibraryWorker {
  const { databaseUrl, databaseDirectUrl = '', schema = 'ravenmq', log = createLogger('info') } = options;
  const listenUrl = databaseDirectUrl || databaseUrl;
  const identity = newIdentity('worker');
  const leaseMs = options.leaseMs ?? 30_000;
  const pool = connect({
    url: databaseUrl,
    schema,
    max: 4,
    applicationName: identity.id,
    log,
    statementTimeoutMs: statementTimeoutOf(leaseMs),
  });
  const worker = createEngineWorker({
    pool,
    log,
    identity,
    handlers: new Map(options.jobs.map((job) => [job.type, handlerOf(job)])),
    slots: options.slots ?? defaultSlots,
    leaseMs,
    heartbeatMs: 5_000,
    pollMs: 50,
    queues: options.queues ?? null,
    fastLane: fastLaneOf(options),
  });
  const listener = createListener({
    url: listenUrl,
    schema,
    applicationName: `${identity.id} listener`,
    log,
    channels: {
      [wakeUpChannel(schema)]: (payload) => worker.wake(firstRankOf(payload)),
      [cancelChannel(schema)]: () => worker.checkCancels(),
    },
  });

  async function start(): Promise<void> {
    await sessionUrl(
      { url: databaseUrl, setting: 'databaseUrl' },
      { url: databaseDirectUrl, setting: 'databaseDirectUrl' },
    );
    await worker.start();
    await listener.start();
  }

  async function stop(graceMs = 20_000): Promise<void> {
    await listener.stop();
    await worker.stop(graceMs);
    await endPool(pool);
  }

  return {
    id: identity.id,
    start,
    stop,
    async run() {
      await start();
      await new Promise((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      await stop();
    },
  };
}

/** A payload that its schema refuses will not get better by trying again. */
function handlerOf(job: AnyJob): Handler {
  const parse = (payload: unknown) => {
    try {
      const parsed = job.parse(payload);
      return parsed instanceof Promise ? parsed.catch(refuse) : parsed;
    } catch (error) {
      return refuse(error);
    }
  };
  return (payload, context) => {
    const parsed = parse(payload);
    return parsed instanceof Promise
      ? parsed.then((value) => job.run(value, context))
      : job.run(parsed, context);
  };
}

function refuse(error: unknown): never {
  if (error instanceof InvalidPayload) throw new NonRetryable(error.message, { cause: error });
  throw error;
}

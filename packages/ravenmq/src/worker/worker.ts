/**
 * A worker process's life: it registers, exchanges with the database, renews its leases and reports that it lives;
 * at the end running jobs get one grace in all, and what is left is released without using an attempt.
 */
import type { Pool } from '../db/connect.ts';
import type { Logger } from '../log.ts';
import { createService } from '../service.ts';
import { heartbeat, registerWorker, signOffWorker } from '../workers/registry.ts';
import { defaultPatienceMs, type Handler } from './attempt.ts';
import { createComplete } from './complete.ts';
import { Exchange, type OnAnswer } from './exchange.ts';
import { FastLane, type FastLaneOptions } from './fast-lane.ts';
import type { Identity } from './identity.ts';
import { createLeases } from './leases.ts';
import { Outcomes } from './outcomes.ts';
import { createRecorder } from './recorder.ts';
import { Slots } from './slots.ts';

export interface WorkerOptions {
  pool: Pool;
  log: Logger;
  identity: Identity;
  handlers: ReadonlyMap<string, Handler>;
  slots: number;
  leaseMs: number;
  heartbeatMs: number;
  pollMs: number;
  /** Null: every queue. */
  queues: string[] | null;
  /** Values that no log line, progress note or metric of a job may hold. */
  secrets?: readonly string[];
  onAnswer?: OnAnswer;
  /** Slots kept for short jobs; none unless given. */
  fastLane?: FastLaneOptions | null | undefined;
}

export interface Worker {
  readonly id: string;
  /** What it does now, and refused finishes since its start. */
  readonly state: { slots: number; busy: number; stale: number; deaf: boolean };
  start(): Promise<void>;
  /** Ready jobs may be waiting, none with a smaller rank than `firstRank`: look now. */
  wake(firstRank?: number): void;
  /** A cancel request may have come: ask now. */
  checkCancels(): void;
  /**
   * Drains within `graceMs` milliseconds, then releases what still runs, and signs off: within ten seconds, or what a
   * running handler needs longer than others to obey, since leases expire by themselves when the database stays away.
   */
  stop(graceMs: number): Promise<void>;
}

/** Time after the grace in which the last outcomes must reach the database, in milliseconds. */
const lastWordMs = 10_000;

/** For the worker's pool, in milliseconds: its statements are short, and one that hangs must not outlast the leases. */
export const statementTimeoutOf = (leaseMs: number): number => Math.max(5_000, leaseMs / 3);

export function createWorker(options: WorkerOptions): Worker {
  const { pool, log, identity, handlers, pollMs } = options;
  const registration = {
    workerId: identity.id,
    name: identity.name,
    hostname: identity.hostname,
    slots: options.slots,
    queues: options.queues,
    types: [...handlers.keys()],
  };
  const leases = createLeases({
    db: pool,
    leaseMs: options.leaseMs,
    log,
    onLost: (id) => slots.dropBuffered(id),
    mayRenew: () => !isDeaf(),
  });
  const outcomes = new Outcomes(log, leases.drop);
  const fastLane = options.fastLane ? new FastLane(options.fastLane) : null;
  const slots = new Slots({
    count: options.slots,
    handlers,
    leases,
    services: {
      recorder: createRecorder(pool, log, options.secrets),
      complete: createComplete(pool, identity.id),
    },
    fastLane,
    onEnd(job, verdict) {
      outcomes.add(job, verdict);
      exchanging.wake();
      noticeEnd?.();
    },
  });
  const claim = {
    workerId: identity.id,
    leaseMs: options.leaseMs,
    queues: options.queues,
    types: registration.types,
  };
  const exchange = new Exchange({
    ...{ pool, claim, leases, slots, outcomes, fastLane, log },
    wake: () => exchanging.wake(),
    onAnswer: options.onAnswer,
  });

  let lastLook = 0;
  let lastTurn = performance.now();
  // A worker whose exchange fails for ever, although it can say that it lives, must not keep its jobs.
  const isDeaf = () => performance.now() - lastTurn > 2 * options.leaseMs;
  let noticeEnd: (() => void) | undefined;
  const exchanging = createService(
    {
      name: 'claim and finish',
      everyMs: pollMs,
      jitter: 0.2,
      async run() {
        if (performance.now() - lastLook >= pollMs * 0.75) {
          lastLook = performance.now();
          exchange.lookAgain();
        }
        const more = await exchange.turn();
        lastTurn = performance.now();
        return more ? 'again' : undefined;
      },
    },
    log,
  );

  async function beat(): Promise<undefined> {
    if (isDeaf()) throw new Error('not reported alive: claims and finishes have failed for too long');
    const { processed, stale } = outcomes.counters;
    if (!(await heartbeat(pool, registration, { processed, stale })))
      await registerWorker(pool, registration);
    else {
      outcomes.counters.processed -= processed;
      outcomes.counters.stale -= stale;
    }
  }
  const beating = createService(
    { name: 'heartbeat', everyMs: options.heartbeatMs, jitter: 0.1, run: beat },
    log,
  );

  /** Resolves when nothing runs any more, or after `ms` milliseconds. */
  function idleWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      noticeEnd = () => {
        if (slots.running > 0) return;
        clearTimeout(timer);
        resolve();
      };
      noticeEnd();
    });
  }

  /** Hands in the last outcomes; gives up when the database stays away, since leases then expire by themselves. */
  async function sayLastWord(): Promise<void> {
    const until = performance.now() + lastWordMs;
    while (outcomes.waiting > 0 && performance.now() < until) {
      try {
        await exchange.turn();
      } catch (error) {
        log.warn({ event: 'last_outcomes_failed', err: error });
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** Hands in what is left and signs off. */
  async function leave(idleMs: number): Promise<void> {
    await idleWithin(idleMs);
    await exchanging.stop();
    await sayLastWord();
    await exchange.settled();
    await leases.stop();
    await beating.stop();
    await beat().catch(() => {});
    await signOffWorker(pool, identity.id).catch(() => {});
  }

  return {
    id: identity.id,
    get state() {
      return {
        slots: options.slots,
        busy: slots.running,
        stale: outcomes.staleTotal,
        deaf: isDeaf(),
      };
    },
    async start() {
      await registerWorker(pool, registration);
      lastTurn = performance.now();
      leases.start();
      beating.start();
      exchanging.start();
      log.info({
        event: 'worker_started',
        workerId: identity.id,
        slots: options.slots,
        types: registration.types,
      });
    },
    wake(firstRank) {
      exchange.lookAgain(firstRank);
      exchanging.wake();
    },
    checkCancels: () => leases.renewSoon(),
    async stop(graceMs) {
      exchange.draining = true;
      exchanging.wake();
      await idleWithin(graceMs);
      const idleMs = lastWordMs + slots.patienceMs - defaultPatienceMs;
      slots.abortAll();
      if (!(await within(idleMs, leave(idleMs)))) log.warn({ event: 'left_without_last_word' });
      // Whatever still waits for the database ends with its connections; nothing of it begins again.
      void exchanging.stop();
      void leases.stop();
      void beating.stop();
      log.info({ event: 'worker_stopped', workerId: identity.id });
    },
  };
}

/** Whether `work` is done in time. It is not stopped when it is not. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

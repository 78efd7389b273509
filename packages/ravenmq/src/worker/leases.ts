/**
 * The leases a worker holds, from claim to the accepted end. Renewed every third of their lifetime in one statement;
 * the same statement records which jobs have started and brings back cancel requests and losses. A lease that could
 * not be renewed for its whole lifetime is treated as lost, whatever the reason: somebody else may run the job.
 */
import type { Queryable } from '../db/connect.ts';
import { renewLeases } from '../jobs/renew.ts';
import type { ClaimedJob } from '../jobs/turnover.ts';
import type { Logger } from '../log.ts';
import { createService } from '../service.ts';
import { Stop, type StopReason } from './stop.ts';

export interface HeldJob {
  job: ClaimedJob;
  stop: Stop;
  /** Database time of the handler's start; null while buffered. */
  startedAt: string | null;
  /** Whether the database knows that it started. */
  startRecorded: boolean;
  /** The handler is done; the job is held until the database has its outcome. */
  ended: boolean;
  /** Database time of the claim, in milliseconds since 1970. */
  claimedAtDatabase: number;
  /** Monotonic time of the claim, and of the last proof that the lease is held. */
  claimedAt: number;
  provenAt: number;
}

export interface Leases {
  readonly held: ReadonlyMap<string, HeldJob>;
  hold(job: ClaimedJob, startRecorded: boolean, provenAt: number): HeldJob;
  /** Forgets an attempt that the database has answered for. */
  drop(id: string, fence: number): void;
  /** Renews now: a cancel request may have come. */
  renewSoon(): void;
  /** Notes the start; the database learns of it soon, unless the job ends first. */
  started(entry: HeldJob, at: string): void;
  /** Resolves when the database has the start on record, or the lease is lost. */
  recordStart(entry: HeldJob): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/** A start that the claim did not record is recorded when the job still runs after this time, in milliseconds. */
const recordAfterMs = 20;

export interface LeaseOptions {
  db: Queryable;
  leaseMs: number;
  log: Logger;
  /** Called for a job whose lease is gone and that had not started. */
  onLost(id: string): void;
  /** False when this worker cannot hand in what it runs: its leases are then left to expire. */
  mayRenew?(): boolean;
}

export function createLeases({ db, leaseMs, log, onLost, mayRenew = () => true }: LeaseOptions): Leases {
  const held = new Map<string, HeldJob>();

  async function renew(): Promise<undefined> {
    await renewThese([...held.values()]);
  }

  async function renewThese(asked: HeldJob[]): Promise<void> {
    if (asked.length === 0) return;
    const sentAt = performance.now();
    try {
      if (!mayRenew()) throw new Error('not renewed: claims and finishes have failed for too long');
      const renewal = await renewLeases(
        db,
        leaseMs,
        asked.map(({ job, startedAt }) => ({ id: job.id, fence: job.fence, startedAt })),
      );
      for (const entry of asked) {
        entry.provenAt = sentAt;
        if (entry.startedAt !== null) entry.startRecorded = true;
      }
      for (const id of renewal.lost) end(id, 'lost');
      for (const id of renewal.cancelRequested) end(id, 'cancel');
    } finally {
      for (const entry of asked) if (performance.now() - entry.provenAt > leaseMs) end(entry.job.id, 'lost');
    }
  }

  function end(id: string, reason: StopReason): void {
    const entry = held.get(id);
    if (!entry) return;
    if (reason === 'lost') log.warn({ event: 'lease_lost', jobId: id, fence: entry.job.fence });
    entry.stop.abort(reason);
    if (reason === 'lost') {
      held.delete(id);
      onLost(id);
    }
  }

  let recording: NodeJS.Timeout | undefined;

  function recordSoon(): void {
    recording ??= setTimeout(() => {
      recording = undefined;
      const unrecorded = [...held.values()].filter(
        (entry) => entry.startedAt !== null && !entry.startRecorded && !entry.ended,
      );
      renewThese(unrecorded).catch((error) => log.warn({ event: 'record_start_failed', err: error }));
    }, recordAfterMs);
  }

  const service = createService({ name: 'renew leases', everyMs: leaseMs / 3, run: renew }, log);

  return {
    held,
    hold(job, startRecorded, provenAt) {
      // This worker may win a job again that it had lost without noticing: the old attempt must stop.
      end(job.id, 'lost');
      const entry: HeldJob = {
        job,
        stop: new Stop(),
        startedAt: null,
        startRecorded,
        ended: false,
        claimedAtDatabase: job.claimed_at,
        claimedAt: performance.now(),
        provenAt,
      };
      held.set(job.id, entry);
      return entry;
    },
    drop(id, fence) {
      if (held.get(id)?.job.fence === fence) held.delete(id);
    },
    renewSoon: () => service.wake(),
    started(entry, at) {
      entry.startedAt = at;
      if (!entry.startRecorded) recordSoon();
    },
    recordStart: (entry) => renewThese([entry]),
    start: () => service.start(),
    async stop() {
      clearTimeout(recording);
      await service.stop();
    },
  };
}

/**
 * What the engine should do, said without SQL: a job's row as a few fields, a move as a few assignments. Ids, ranks
 * and gates are the engine's own choice; observe.ts reads them and invariants.ts says what must hold of them.
 */
import type { Status } from '../../src/jobs/job.ts';
import type { ClaimedJob, Outcome } from '../../src/jobs/turnover.ts';
import type { Observed } from './observe.ts';

export interface ModelJob {
  id: string;
  status: Status;
  fence: number;
  retries: number;
  maxRetries: number;
  crashes: number;
  cancelRequested: boolean;
  worker: string | null;
  /** The database knows that the attempt started. */
  started: boolean;
  expired: boolean;
  due: boolean;
  /** One entry per attempt that started: fence and outcome. */
  attempts: string[];
}

/** What a worker believes to hold. It may be wrong: the lease may have gone to another. */
export interface Hold {
  id: string;
  fence: number;
  worker: string;
  started: boolean;
  retriesLeft: boolean;
}

/** Leases that a job may lose beyond its retries. */
const spareLeases = 3;

export class Model {
  readonly jobs = new Map<string, ModelJob>();
  /** By tenant and key: the request that came first, and its job. */
  readonly keys = new Map<string, { request: string; id: string }>();
  readonly pausedQueues = new Set<string>();
  readonly pausedLanes = new Set<string>();
  readonly limits = new Map<string, number>();
  holds: Hold[] = [];
  /** The state after the last command. */
  seen: Observed = { jobs: [], slots: [], limits: [] };

  get all(): ModelJob[] {
    return [...this.jobs.values()];
  }

  job(id: string): ModelJob {
    const job = this.jobs.get(id);
    if (!job) throw new Error(`the model knows no job ${id}`);
    return job;
  }

  submit(id: string, status: 'queued' | 'scheduled', maxRetries: number): void {
    this.jobs.set(id, {
      ...{ id, status, maxRetries, fence: 0, retries: 0, crashes: 0, worker: null, attempts: [] },
      ...{ cancelRequested: false, started: false, expired: false, due: false },
    });
  }

  claim({ id }: ClaimedJob, worker: string, started: boolean): Hold {
    const job = this.job(id);
    Object.assign(job, { status: 'running', fence: job.fence + 1, worker, started, expired: false });
    return { id, fence: job.fence, worker, started, retriesLeft: job.retries < job.maxRetries };
  }

  /** Whether a write under this hold counts. */
  isHeld(hold: Hold): boolean {
    const job = this.job(hold.id);
    return job.status === 'running' && job.fence === hold.fence;
  }

  isToCancel(hold: Hold): boolean {
    return this.isHeld(hold) && this.job(hold.id).cancelRequested;
  }

  finish(hold: Hold, outcome: Outcome, started: boolean): boolean {
    this.forget(hold);
    if (!this.isHeld(hold)) return false;
    const job = this.job(hold.id);
    if (started) job.attempts.push(`${job.fence}:${outcome}`);
    job.status = outcome === 'timed_out' ? 'failed' : outcome;
    return true;
  }

  retry(hold: Hold): boolean {
    if (!this.#goesBack(hold)) return false;
    const job = this.job(hold.id);
    job.attempts.push(`${job.fence}:failed`);
    job.retries++;
    this.#lay(job, 'scheduled');
    return true;
  }

  /** Back to the queue as if the claim had never been; only the fence remembers. */
  release(hold: Hold): boolean {
    if (!this.#goesBack(hold)) return false;
    this.#lay(this.job(hold.id), 'queued');
    return true;
  }

  releaseUnknown(worker: string): number {
    const known = new Set(this.holds.filter((hold) => hold.worker === worker).map((hold) => hold.id));
    const lost = this.all.filter((job) => job.status === 'running' && job.worker === worker);
    const released = lost.filter((job) => !known.has(job.id) && !job.cancelRequested);
    for (const job of released) this.#lay(job, 'queued');
    return released.length;
  }

  renew(hold: Hold, start: boolean): boolean {
    hold.started ||= start;
    if (!this.isHeld(hold)) return false;
    const job = this.job(hold.id);
    job.expired = false;
    job.started ||= hold.started;
    return true;
  }

  reclaim(): number {
    const expired = this.all.filter((job) => job.status === 'running' && job.expired);
    for (const job of expired) {
      const spent = job.started && job.retries >= job.maxRetries;
      const out = job.cancelRequested || spent || job.crashes >= job.maxRetries + spareLeases;
      if (job.started) job.attempts.push(`${job.fence}:${job.cancelRequested ? 'cancelled' : 'crashed'}`);
      job.crashes++;
      if (out) {
        job.status = job.cancelRequested ? 'cancelled' : 'failed';
        continue;
      }
      if (job.started) job.retries++;
      this.#lay(job, 'queued');
    }
    return expired.length;
  }

  promote(): number {
    const due = this.all.filter((job) => job.status === 'scheduled' && job.due);
    for (const job of due) job.status = 'queued';
    return due.length;
  }

  cancel(id: string): 'finished' | undefined {
    const job = this.job(id);
    if (job.status === 'running') job.cancelRequested = true;
    else if (job.status === 'queued' || job.status === 'scheduled') job.status = 'cancelled';
    else return 'finished';
    return undefined;
  }

  retryByHand(id: string): boolean {
    const job = this.job(id);
    if (job.status !== 'failed') return false;
    Object.assign(job, { retries: 0, crashes: 0, cancelRequested: false });
    this.#lay(job, 'queued');
    return true;
  }

  forget(gone: Hold): void {
    this.holds = this.holds.filter((hold) => hold !== gone);
  }

  /** A job that somebody asked to cancel goes back to no queue: its worker keeps it and ends it. */
  #goesBack(hold: Hold): boolean {
    if (this.isToCancel(hold)) return false;
    this.forget(hold);
    return this.isHeld(hold);
  }

  #lay(job: ModelJob, status: 'queued' | 'scheduled'): void {
    Object.assign(job, { status, worker: null, started: false, expired: false, due: false });
  }
}

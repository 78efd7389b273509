/**
 * What ended and waits to be written. An entry stays until the database has answered for it, over any number of lost
 * connections; when an answer was lost, a refusal is checked against the record before it counts as stale.
 */

import { crashpoint } from '../crashpoint.ts';
import type { Queryable } from '../db/connect.ts';
import { type Retry, recordedAttempts, releaseJobs, retryAttempts, toCancel } from '../jobs/settle.ts';
import { isBadValue } from '../jobs/submit.ts';
import type { ClaimedJob, Finish } from '../jobs/turnover.ts';
import type { Logger } from '../log.ts';
import type { Verdict } from './attempt.ts';

/** Finishes of one statement. */
const batch = 1_000;

interface Release {
  id: string;
  fence: number;
}

export interface Counters {
  processed: number;
  stale: number;
}

export class Outcomes {
  finishes: Finish[] = [];
  retries: Retry[] = [];
  releases: Release[] = [];
  /** Since the last heartbeat. */
  counters: Counters = { processed: 0, stale: 0 };
  /** Refused finishes since the start. */
  staleTotal = 0;
  /** Ids sent in a statement whose answer never came. */
  #unsure = new Set<string>();
  readonly #log: Logger;
  readonly #onSettled: (id: string, fence: number) => void;

  /** `onSettled` is called for every attempt that the database has answered for. */
  constructor(log: Logger, onSettled: (id: string, fence: number) => void) {
    this.#log = log;
    this.#onSettled = onSettled;
  }

  get waiting(): number {
    return this.finishes.length + this.retries.length + this.releases.length;
  }

  add(job: ClaimedJob, verdict: Verdict): void {
    if (verdict.kind === 'finish') this.finishes.push(verdict.finish);
    else if (verdict.kind === 'completed') {
      // Refused when it is on record already, which is then looked up.
      this.#unsure.add(verdict.finish.id);
      this.finishes.push(verdict.finish);
    } else if (verdict.kind === 'retry') this.retries.push(verdict.retry);
    else if (verdict.kind === 'release') this.releases.push({ id: job.id, fence: job.fence });
  }

  /** The next finishes to send, oldest first. */
  nextFinishes(): Finish[] {
    return this.finishes.slice(0, batch);
  }

  /** Settles the finishes of one statement: `refused` are the ids it did not accept. */
  async settle(db: Queryable, sent: Finish[], refused: string[]): Promise<void> {
    const doubtful = sent.filter((finish) => refused.includes(finish.id) && this.#unsure.has(finish.id));
    const recorded = doubtful.length > 0 ? await recordedAttempts(db, doubtful) : [];
    this.finishes = this.finishes.slice(sent.length);
    for (const finish of sent) {
      this.#unsure.delete(finish.id);
      this.#onSettled(finish.id, finish.fence);
    }
    this.counters.processed += sent.length - refused.length + recorded.length;
    if (refused.length > recorded.length) this.#countStale(refused.length - recorded.length);
  }

  /** A statement failed: nobody knows what it did. A value the database cannot store is replaced by an error. */
  doubt(sent: Finish[], error: unknown): void {
    for (const finish of sent) this.#unsure.add(finish.id);
    if (!isBadValue(error)) return;
    this.#log.error({ event: 'outcome_not_storable', err: error, jobs: sent.map((finish) => finish.id) });
    for (const finish of sent) {
      if (finish.result === null) continue;
      finish.result = null;
      finish.errorMsg ??= 'the result could not be stored';
    }
  }

  /** Writes retries and releases; both are rare beside finishes. Answers how many jobs went back to their queue. */
  async writeOthers(db: Queryable, workerId: string): Promise<number> {
    const retries = this.retries.slice(0, batch);
    if (retries.length > 0) {
      const won = await retryAttempts(db, workerId, retries);
      crashpoint('retry answered');
      const cancelled = await this.#cancelInstead(db, retries, won);
      this.retries = this.retries.slice(retries.length);
      this.#settled(retries, cancelled);
      this.counters.processed += won.length;
      const stale = retries.length - won.length - cancelled.size;
      if (stale > 0) this.#countStale(stale);
    }
    const releases = this.releases.slice(0, batch);
    if (releases.length > 0) {
      const won = await releaseJobs(db, releases);
      const cancelled = await this.#cancelInstead(db, releases, won);
      this.releases = this.releases.slice(releases.length);
      this.#settled(releases, cancelled);
    }
    return releases.length;
  }

  /** Jobs that did not go back because somebody asked to cancel them are finished as cancelled. */
  async #cancelInstead(db: Queryable, sent: (Release | Retry)[], won: string[]): Promise<Set<string>> {
    if (won.length === sent.length) return new Set();
    const lost = sent.filter((attempt) => !won.includes(attempt.id));
    const ids = new Set(await toCancel(db, lost));
    for (const attempt of lost) {
      if (!ids.has(attempt.id)) continue;
      const { id, fence } = attempt;
      const [startedAt, runtimeMs] =
        'startedAt' in attempt ? [attempt.startedAt, attempt.runtimeMs] : [null, 0];
      const errorMsg = startedAt === null ? 'cancelled before it started' : 'cancelled while it ran';
      this.finishes.push({ id, fence, outcome: 'cancelled', startedAt, runtimeMs, errorMsg, result: null });
    }
    return ids;
  }

  #settled(sent: Release[], except: Set<string>): void {
    for (const { id, fence } of sent) if (!except.has(id)) this.#onSettled(id, fence);
  }

  #countStale(count: number): void {
    this.counters.stale += count;
    this.staleTotal += count;
    this.#log.warn({ event: 'stale_finish_refused', count });
  }
}

/**
 * The exchange with the database: hand in what ended, get the next jobs, one statement at a time. While one is under
 * way the jobs of the one before run, so that neither side waits for the other.
 */
import { crashpoint } from '../crashpoint.ts';
import type { Pool } from '../db/connect.ts';
import { releaseUnknown } from '../jobs/settle.ts';
import { type ClaimRequest, type Finish, finishAndClaim } from '../jobs/turnover.ts';
import type { Logger } from '../log.ts';
import { Cursors } from './cursors.ts';
import type { FastLane } from './fast-lane.ts';
import { createGateOpener, type GateOpener } from './gate-opener.ts';
import type { Leases } from './leases.ts';
import type { Outcomes } from './outcomes.ts';
import type { Slots } from './slots.ts';

/** Lanes that a claim looks at before it looks at all of them. */
const firstLanes = 64;
/** Jobs of one claim: past a thousand the cost per job no longer falls. */
const batch = 1_000;
/** Finishes and claims from which the two are worth a statement each. */
const splitFrom = 200;
/** When the next jobs are too long to be buffered, nobody asks for them without a free slot for so long, in ms. */
const budgetPauseMs = 50;

export interface ExchangeOptions {
  pool: Pool;
  claim: Pick<ClaimRequest, 'workerId' | 'leaseMs' | 'queues' | 'types'>;
  leases: Leases;
  slots: Slots;
  outcomes: Outcomes;
  fastLane: FastLane | null;
  log: Logger;
  /** There is a reason for the next turn before its time. */
  wake(): void;
  /** Told of every statement that was answered: how long that took in seconds, and for how many jobs. */
  onAnswer?: OnAnswer | undefined;
}

export type OnAnswer = (seconds: number, finished: number, claimed: number) => void;

export class Exchange {
  draining = false;
  readonly #options: ExchangeOptions;
  readonly #cursors = new Cursors();
  readonly #gates: GateOpener;
  /** Whether a claim may find something; false from an empty claim to the next wake-up or poll. */
  #mayHaveWork = true;
  #looks = 0;
  #answerLost = false;
  #waitForSlotUntil = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#gates = createGateOpener(options.pool, options.log, (firstRank) => {
      this.lookAgain(firstRank);
      options.wake();
    });
  }

  /** Ready jobs may have arrived, none with a smaller rank than `firstRank`. */
  lookAgain(firstRank?: number): void {
    this.#mayHaveWork = true;
    this.#looks++;
    this.#cursors.goBack(firstRank);
  }

  /** One round. Answers whether there is more to do at once. */
  async turn(): Promise<boolean> {
    const { pool, claim, leases, slots, outcomes } = this.#options;
    if (this.#answerLost) {
      await releaseUnknown(pool, claim.workerId, [...leases.held.keys()]);
      this.#answerLost = false;
    }
    for (const job of slots.takeBack(this.draining)) outcomes.add(job, { kind: 'release' });
    if ((await outcomes.writeOthers(pool, claim.workerId)) > 0) this.#cursors.goBack();
    await this.#claimShort();
    const count = this.#wanted();
    if (outcomes.finishes.length > 0 || count > 0) await this.#exchange(count);
    return outcomes.waiting > 0 || (this.#mayHaveWork && this.#wanted() > 0);
  }

  /** Short jobs for the slots that are kept for them. Its claims pass over long jobs, so no cursor can follow them. */
  async #claimShort(): Promise<void> {
    const { pool, claim, fastLane, leases, slots } = this.#options;
    const count = slots.freeForShort;
    if (!fastLane?.mayLook || !this.#mayHaveWork || this.draining || count === 0) return;
    const sentAt = performance.now();
    const { claimed, lookMs } = await finishAndClaim(pool, [], {
      ...claim,
      ...{ count, freeSlots: count, budgetMs: null, means: new Map(), underMs: fastLane.underMs },
      ...{ lanes: firstLanes, spread: true, cursors: [] },
    }).catch((error) => {
      this.#answerLost = true;
      throw error;
    });
    fastLane.looked(lookMs);
    slots.take(claimed.map((job) => leases.hold(job, job.started, sentAt)));
  }

  /** A statement that finishes anyway may as well claim. */
  #wanted(): number {
    const { outcomes, slots } = this.#options;
    const look = this.#mayHaveWork || outcomes.finishes.length > 0;
    if (!look || this.draining) return 0;
    if (slots.free === 0 && performance.now() < this.#waitForSlotUntil) return 0;
    return Math.min(batch, slots.wanted);
  }

  /** One statement while little is going on; two side by side when each alone would keep the database busy. */
  async #exchange(count: number): Promise<void> {
    const sent = this.#options.outcomes.nextFinishes();
    if (Math.min(sent.length, count) < splitFrom) return this.#send(sent, count, true);
    const both = [this.#send(sent, 0, true), this.#send([], count, true)];
    const failed = (await Promise.allSettled(both)).find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #send(sent: Finish[], count: number, spread: boolean): Promise<void> {
    const { pool, claim, leases, slots, outcomes } = this.#options;
    const sentAt = performance.now();
    const looks = this.#looks;
    const turnover = await finishAndClaim(pool, sent, {
      ...claim,
      count,
      freeSlots: slots.free,
      budgetMs: slots.budgetMs(count),
      means: slots.pace.means,
      underMs: null,
      lanes: spread ? firstLanes : 1_000_000,
      spread,
      cursors: count > 0 ? this.#cursors.begin() : [],
    }).catch((error) => {
      outcomes.doubt(sent, error);
      this.#answerLost = true;
      throw error;
    });
    const { claimed, refused, lanes, offered, lookMs } = turnover;
    this.#options.onAnswer?.((performance.now() - sentAt) / 1_000, sent.length, claimed.length);
    if (claimed.length > 0) crashpoint('claim received');
    if (count > 0) this.#cursors.advance(claimed, lookMs);
    slots.take(claimed.map((job) => leases.hold(job, job.started, sentAt)));
    const limited = sent.some((finish) => leases.held.get(finish.id)?.job.limited);
    if (sent.length > 0) await outcomes.settle(pool, sent, refused);
    if (limited) this.#gates.open();
    if (claimed.length < offered) this.#waitForSlotUntil = performance.now() + budgetPauseMs;
    if (offered >= count) return;

    this.#cursors.goBack();
    // The lanes were uneven, or the first ones all empty: take the rest wherever it is.
    const unevenly = offered > 0 && lanes > 1;
    if (spread && (unevenly || lanes >= firstLanes)) await this.#send([], count - offered, false);
    // What was heard of while the claim was under way, it may not have seen.
    else this.#mayHaveWork = this.#looks !== looks;
  }

  /** Resolves when nothing of it is under way beside its turns. */
  settled(): Promise<void> {
    return this.#gates.settled();
  }
}

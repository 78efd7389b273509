/**
 * The exchange with the database: hand in what ended, get the next jobs, one statement at a time; what happens while
 * it is under way goes into the next one.
 */
import type { Pool } from '../db/connect.ts';
import { openGates } from '../jobs/queues.ts';
import { releaseUnknown } from '../jobs/settle.ts';
import { type ClaimRequest, finishAndClaim } from '../jobs/turnover.ts';
import { Cursors } from './cursors.ts';
import type { Leases } from './leases.ts';
import type { Outcomes } from './outcomes.ts';
import type { Slots } from './slots.ts';

/** Lanes that a claim looks at before it looks at all of them. */
const firstLanes = 64;

export interface ExchangeOptions {
  pool: Pool;
  claim: Pick<ClaimRequest, 'workerId' | 'leaseMs' | 'queues' | 'types'>;
  leases: Leases;
  slots: Slots;
  outcomes: Outcomes;
}

export class Exchange {
  /** Whether a claim may find something; false from an empty claim to the next wake-up or poll. */
  mayHaveWork = true;
  draining = false;
  readonly #options: ExchangeOptions;
  readonly #cursors = new Cursors();
  #answerLost = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Ready jobs may have arrived. */
  lookAgain(): void {
    this.mayHaveWork = true;
    this.#cursors.reset();
  }

  /** One round. Answers whether there is more to do at once. */
  async turn(): Promise<boolean> {
    const { pool, claim, leases, slots, outcomes } = this.#options;
    if (this.#answerLost) {
      await releaseUnknown(pool, claim.workerId, [...leases.held.keys()]);
      this.#answerLost = false;
    }
    for (const job of slots.takeBack(this.draining)) outcomes.add(job, { kind: 'release' });
    if ((await outcomes.writeOthers(pool, claim.workerId)) > 0) this.#cursors.reset();
    const count = this.#wanted();
    if (outcomes.finishes.length > 0 || count > 0) await this.#exchange(count, true);
    return outcomes.waiting > 0 || (this.mayHaveWork && this.#wanted() > 0);
  }

  /** A statement that finishes anyway may as well claim. */
  #wanted(): number {
    const { outcomes, slots } = this.#options;
    const look = this.mayHaveWork || outcomes.finishes.length > 0;
    return look && !this.draining ? slots.wanted : 0;
  }

  async #exchange(count: number, spread: boolean): Promise<void> {
    const { pool, claim, leases, slots, outcomes } = this.#options;
    const sent = outcomes.nextFinishes();
    const sentAt = performance.now();
    const freeSlots = slots.free;
    const turnover = await finishAndClaim(pool, sent, {
      ...claim,
      count,
      freeSlots,
      lanes: spread ? firstLanes : 1_000_000,
      spread,
      cursors: this.#cursors.list(),
    }).catch((error) => {
      outcomes.doubt(sent, error);
      this.#answerLost = true;
      throw error;
    });
    const { claimed, refused, lanes } = turnover;
    this.#cursors.advance(claimed);
    slots.take(claimed.map((job, n) => leases.hold(job, n < freeSlots, sentAt)));
    const limited = sent.some((finish) => leases.held.get(finish.id)?.job.limited);
    await outcomes.settle(pool, sent, refused);
    if (limited && (await openGates(pool)) > 0) this.lookAgain();
    if (count === 0 || claimed.length >= count) return;

    this.#cursors.reset();
    // The lanes were uneven, or the first ones all empty: take the rest wherever it is.
    const unevenly = claimed.length > 0 && lanes > 1;
    if (spread && (unevenly || lanes >= firstLanes)) await this.#exchange(count - claimed.length, false);
    else this.mayHaveWork = limited && this.mayHaveWork;
  }
}

import type { ClaimedJob, Cursor } from '../jobs/turnover.ts';

/** At most this share of the time may go into looks from the beginning. */
const lookShare = 0.05;
/** However long a look takes, the next one comes after this time, in milliseconds. */
const longestPauseMs = 5_000;

const firstId = '00000000-0000-0000-0000-000000000000';

/**
 * Where the next claim starts in each lane: past the last job that this worker claimed there, so that a claim does not
 * walk again over the index entries of rows that are gone but cannot be vacuumed yet. Jobs with a smaller rank may
 * arrive behind a cursor. Most wake-ups say how small, and the cursors go back as far. Of other arrivals (a poll, a
 * claim that found little, a wake-up without a rank) the cursors cannot know where they are: the next claim looks from
 * the beginning, unless the last such look took so long that it is not yet due.
 */
export class Cursors {
  #byLane = new Map<string, Cursor>();
  #firstRank = Number.POSITIVE_INFINITY;
  #fromBeginning = true;
  #nextLookAt = 0;

  /** A claim is about to be sent: its cursors; none where it looks from the beginning. */
  begin(): Cursor[] {
    if (this.#fromBeginning && performance.now() >= this.#nextLookAt) {
      this.#fromBeginning = false;
      this.#byLane.clear();
    }
    for (const cursor of this.#byLane.values()) {
      if (cursor.rank < this.#firstRank) continue;
      cursor.rank = this.#firstRank;
      cursor.id = firstId;
    }
    this.#firstRank = Number.POSITIVE_INFINITY;
    return [...this.#byLane.values()];
  }

  /** The claim has answered; finding its jobs took `lookMs` milliseconds. Must not be called while another claim is under way. */
  advance(claimed: ClaimedJob[], lookMs: number): void {
    if (this.#byLane.size === 0) {
      this.#nextLookAt = performance.now() + Math.min(longestPauseMs, lookMs / lookShare);
    }
    for (const { queue, tenant_id, rank, id } of claimed) {
      this.#byLane.set(`${queue} ${tenant_id}`, { queue, tenantId: tenant_id, rank, id });
    }
  }

  /** Jobs may have arrived behind the cursors: none with a smaller rank than `firstRank`, if that is known. */
  goBack(firstRank?: number): void {
    if (firstRank === undefined) this.#fromBeginning = true;
    else this.#firstRank = Math.min(this.#firstRank, firstRank);
  }
}

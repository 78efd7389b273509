/** Work to claim ahead: what the slots get through while a claim is under way, in milliseconds. */
const aheadMs = 50;
/** Two batches: one runs while the next is being claimed. */
const mostAhead = 2_000;
/** When jobs end further apart than this, a claim is quicker than the next free slot, in milliseconds. */
const nothingAheadMs = 10;

/** How fast this worker gets through its jobs, by type and in all, and so how many to claim beyond the free slots. */
export class Pace {
  /** Decayed mean run time of each type, in milliseconds. */
  readonly means = new Map<string, number>();
  /** Decayed mean time between two ends while something runs, in milliseconds. */
  #gapMs: number | undefined;
  #since = 0;

  /** The first job starts after a pause: time without work is not pace. */
  resumed(at: number): void {
    this.#since = at;
  }

  ran(type: string, runMs: number, endedAt: number): void {
    const mean = this.means.get(type);
    this.means.set(type, mean === undefined ? runMs : mean * 0.9 + runMs * 0.1);
    const gap = endedAt - this.#since;
    this.#since = endedAt;
    // One long pause of the process says little about its pace; a lasting change shows after a few dozen jobs.
    this.#gapMs =
      this.#gapMs === undefined ? gap : this.#gapMs * 0.98 + Math.min(gap, this.#gapMs * 10 + 0.01) * 0.02;
  }

  /** Claimed jobs had to be given back: the next ones are taken to be long until they prove short. */
  slowDown(): void {
    this.#gapMs = Math.max(this.#gapMs ?? 0, aheadMs);
  }

  ahead(): number {
    if (this.#gapMs === undefined || this.#gapMs > nothingAheadMs) return 0;
    return Math.min(mostAhead, Math.floor(aheadMs / Math.max(this.#gapMs, 0.001)));
  }

  /** Predicted run time that may be claimed for so many slots beyond the free ones, in milliseconds. */
  budgetMs(slots: number): number {
    return slots * aheadMs;
  }
}

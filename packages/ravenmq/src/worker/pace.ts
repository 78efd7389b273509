/** Jobs shorter than this are claimed ahead of free slots, in milliseconds. */
const shortMs = 10;
/** Work to claim ahead: what the slots get through while a claim is under way, in milliseconds. */
const aheadMs = 50;
const mostAhead = 1_000;

/** How long this worker's jobs take, as a decayed mean, and so how many to claim beyond the free slots. */
export class Pace {
  #meanMs: number | undefined;

  ran(runMs: number): void {
    this.#meanMs = this.#meanMs === undefined ? runMs : this.#meanMs * 0.9 + runMs * 0.1;
  }

  /** Claimed jobs had to be given back: the next ones are taken to be long until they prove short. */
  slowDown(): void {
    this.#meanMs = Math.max(this.#meanMs ?? 0, aheadMs);
  }

  ahead(slots: number): number {
    if (this.#meanMs === undefined || this.#meanMs > shortMs) return 0;
    return Math.min(mostAhead, Math.floor((slots * aheadMs) / Math.max(this.#meanMs, 0.001)));
  }
}

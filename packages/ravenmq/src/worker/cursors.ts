import type { ClaimedJob, Cursor } from '../jobs/turnover.ts';

/** Longest time a smaller rank that arrived behind a cursor stays unseen, in milliseconds. */
const resetMs = 200;

/**
 * Where the next claim starts in each lane: past the last job that this worker claimed there, so that a claim does
 * not walk again over index entries of rows that are gone. A job with a smaller rank may arrive behind it: the
 * cursors are dropped at every wake-up, after a claim that found less than it asked for, and every 200 ms.
 */
export class Cursors {
  #byLane = new Map<string, Cursor>();
  #since = performance.now();

  list(): Cursor[] {
    if (performance.now() - this.#since > resetMs) this.reset();
    return [...this.#byLane.values()];
  }

  advance(claimed: ClaimedJob[]): void {
    for (const { queue, tenant_id, rank, id } of claimed) {
      this.#byLane.set(`${queue} ${tenant_id}`, { queue, tenantId: tenant_id, rank, id });
    }
  }

  reset(): void {
    this.#byLane.clear();
    this.#since = performance.now();
  }
}

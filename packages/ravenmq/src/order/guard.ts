/**
 * The promise to every single job: who has waited so long goes first, whatever it is ranked. Never two starts in a row,
 * so that an overload, in which everybody waits too long, does not turn the order into first come, first served.
 */

const leastMs = 15 * 60_000;

/**
 * The promise, unless the queue has one of its own: four times what first come, first served keeps in 99 of 100 jobs,
 * but not twice its longest wait, which a job is then kept waiting beyond until a slot comes free; and at least 15 min.
 */
export const promisedWaitMs = (fifo: { p99Ms: number; maxMs: number }): number =>
  Math.max(leastMs, Math.min(4 * fifo.p99Ms, 1.75 * fifo.maxMs));

/** Whether the job that waits longest goes next. */
export function guardActs(
  longest: { readyAtMs: number; promiseMs: number; nowMs: number },
  lastStartWasGuarded: boolean,
): boolean {
  return !lastStartWasGuarded && longest.nowMs - longest.readyAtMs >= longest.promiseMs;
}

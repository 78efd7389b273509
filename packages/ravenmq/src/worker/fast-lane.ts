/**
 * Slots that a worker keeps for jobs predicted to be short, so that these find one although long jobs would fill them
 * all: at most `slots - reserved` long jobs run. Short jobs may run in any slot. Reserved slots that no short job has
 * asked for in a while are lent to any job; one that comes free then goes to a short job first, if one waits.
 */
import type { ClaimedJob } from '../jobs/turnover.ts';

export interface FastLaneOptions {
  /** Slots that are reserved, fewer than there are. */
  slots: number;
  /** Jobs predicted to take less are short, in milliseconds. */
  underMs: number;
  /** Time without a short job after which the slots are lent, in milliseconds. */
  lendAfterMs: number;
}

/** At most this share of the time may go into looking for short jobs among long ones. */
const lookShare = 0.05;

export class FastLane {
  readonly underMs: number;
  readonly #options: FastLaneOptions;
  #lastShortAt = performance.now();
  #nextLookAt = 0;

  constructor(options: FastLaneOptions) {
    this.#options = options;
    this.underMs = options.underMs;
  }

  /** Reserved slots that no short job has, when these jobs run or lie in the buffer. */
  unused(held: Iterable<{ job: ClaimedJob }>): number {
    let short = 0;
    for (const { job } of held) if (job.predicted_runtime_ms < this.underMs) short++;
    if (short > 0) this.#lastShortAt = performance.now();
    return Math.max(0, this.#options.slots - short);
  }

  get lent(): boolean {
    return performance.now() - this.#lastShortAt > this.#options.lendAfterMs;
  }

  get mayLook(): boolean {
    return performance.now() >= this.#nextLookAt;
  }

  looked(lookMs: number): void {
    this.#nextLookAt = performance.now() + lookMs / lookShare;
  }
}

/** The slots of a worker and the buffer before them: what is claimed runs here, and its verdict comes out. */
import type { ClaimedJob } from '../jobs/turnover.ts';
import { type Handler, runAttempt, type Verdict } from './attempt.ts';
import type { HeldJob, Leases } from './leases.ts';
import { Pace } from './pace.ts';

/** Jobs that lie in the buffer this long without a slot go back, in milliseconds. */
const longestBufferedMs = 100;

export interface SlotsOptions {
  count: number;
  handlers: ReadonlyMap<string, Handler>;
  leases: Leases;
  onEnd(job: ClaimedJob, verdict: Verdict): void;
}

export class Slots {
  readonly pace = new Pace();
  readonly #options: SlotsOptions;
  #buffer: HeldJob[] = [];
  #running = new Set<HeldJob>();

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Slots that neither run a job nor have one waiting for them. */
  get free(): number {
    return Math.max(0, this.#options.count - this.#running.size - this.#buffer.length);
  }

  /** Jobs worth claiming now: the free slots, and what short jobs will need until the next claim returns. */
  get wanted(): number {
    const { count } = this.#options;
    return Math.max(0, count - this.#running.size - this.#buffer.length + this.pace.ahead(count));
  }

  take(entries: HeldJob[]): void {
    this.#buffer.push(...entries);
    this.#fill();
  }

  /** Removes a job that has not started; answers whether it was there. */
  dropBuffered(id: string): void {
    this.#buffer = this.#buffer.filter((entry) => entry.job.id !== id);
  }

  /** Takes back what has waited too long for a slot, or everything that has not started. */
  takeBack(everything: boolean): ClaimedJob[] {
    const now = performance.now();
    const stuck = this.#buffer.filter((entry) => everything || now - entry.claimedAt > longestBufferedMs);
    if (stuck.length === 0) return [];
    this.#buffer = this.#buffer.filter((entry) => !stuck.includes(entry));
    if (!everything) this.pace.slowDown();
    return stuck.map((entry) => entry.job);
  }

  /** Asks every running attempt to stop because the process does. */
  abortAll(): void {
    for (const entry of this.#running) entry.stop.abort('shutdown');
  }

  #fill(): void {
    while (this.#running.size < this.#options.count) {
      const next = this.#buffer.shift();
      if (!next) return;
      this.#running.add(next);
      void this.#run(next);
    }
  }

  async #run(entry: HeldJob): Promise<void> {
    const { job, stop } = entry;
    const { handlers, leases, onEnd } = this.#options;
    // A job that has cost a worker its life starts only when its start is on record, so that it uses an attempt.
    const careful = job.crash_count > 0 && !entry.startRecorded;
    const began = performance.now();
    const startedAt = new Date(Date.parse(job.claimed_at) + (began - entry.claimedAt)).toISOString();
    leases.started(entry, startedAt);
    if (careful) await leases.recordStart(entry).catch(() => stop.abort('lost'));
    const verdict = await runAttempt(job, handlers.get(job.type), stop, startedAt);
    this.pace.ran(performance.now() - began);
    this.#running.delete(entry);
    onEnd(job, verdict);
    this.#fill();
  }
}

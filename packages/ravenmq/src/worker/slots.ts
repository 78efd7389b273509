/** The slots of a worker and the buffer before them: what is claimed runs here, and its verdict comes out. */
import type { ClaimedJob } from '../jobs/turnover.ts';
import { defaultPatienceMs, type Handler, runAttempt, type Verdict } from './attempt.ts';
import type { AttemptServices } from './attempt-context.ts';
import type { FastLane } from './fast-lane.ts';
import type { HeldJob, Leases } from './leases.ts';
import { Pace } from './pace.ts';

/** Jobs that lie in the buffer this long without a slot go back, in milliseconds. */
const longestBufferedMs = 100;
/** Starts in one turn of the event loop: jobs that end at once must not keep it from sockets and timers. */
const startsPerTurn = 250;

export interface SlotsOptions {
  count: number;
  handlers: ReadonlyMap<string, Handler>;
  leases: Leases;
  services: AttemptServices;
  fastLane: FastLane | null;
  onEnd(job: ClaimedJob, verdict: Verdict): void;
}

export class Slots {
  readonly pace = new Pace();
  readonly #options: SlotsOptions;
  /** Oldest claim first. */
  #buffer: HeldJob[] = [];
  #running = new Set<HeldJob>();
  #filling = false;

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Slots that neither run a job nor have one waiting for them. */
  get #empty(): number {
    return Math.max(0, this.#options.count - this.#running.size - this.#buffer.length);
  }

  /** Of these, those that are there for short jobs first. */
  get freeForShort(): number {
    const { fastLane } = this.#options;
    return fastLane ? Math.min(this.#empty, fastLane.unused([...this.#running, ...this.#buffer])) : 0;
  }

  /** And those that are there for any job. */
  get free(): number {
    return this.#options.fastLane?.lent === false ? this.#empty - this.freeForShort : this.#empty;
  }

  /**
   * Jobs worth claiming now: the free slots, and what short jobs will need until the next claim returns. The stock
   * is filled up when half of it is gone, so that claims stay large.
   */
  get wanted(): number {
    const { free } = this;
    const ahead = this.pace.ahead();
    const stock = this.#buffer.length;
    return stock * 2 <= ahead ? free + ahead - stock : free;
  }

  /**
   * Run time that a claim of so many jobs may take beyond the free slots, in milliseconds. Null for any, when all
   * types are known to be so short that no mix of them could take more: then the claim need not count.
   */
  budgetMs(count: number): number | null {
    const { means } = this.pace;
    let buffered = 0;
    for (const { job } of this.#buffer) buffered += means.get(job.type) ?? job.predicted_runtime_ms;
    const left = Math.max(0, this.pace.budgetMs(this.#options.count) - buffered);
    let longest = 0;
    for (const type of this.#options.handlers.keys()) {
      longest = Math.max(longest, means.get(type) ?? Number.POSITIVE_INFINITY);
    }
    return count * longest <= left ? null : left;
  }

  take(entries: HeldJob[]): void {
    this.#buffer.push(...entries);
    this.#fillSoon();
  }

  /** Removes a job that has not started. */
  dropBuffered(id: string): void {
    this.#buffer = this.#buffer.filter((entry) => entry.job.id !== id);
  }

  /** Takes back what has waited too long for a slot, or everything that has not started. */
  takeBack(everything: boolean): ClaimedJob[] {
    const before = everything ? Number.POSITIVE_INFINITY : performance.now() - longestBufferedMs;
    const stuck = this.#buffer.findIndex((entry) => entry.claimedAt >= before);
    const back = this.#buffer.splice(0, stuck === -1 ? this.#buffer.length : stuck);
    if (back.length > 0 && !everything) this.pace.slowDown();
    return back.map((entry) => entry.job);
  }

  /** The longest time that what runs may take to obey its signal, in milliseconds. */
  get patienceMs(): number {
    const { handlers } = this.#options;
    const each = [...this.#running].map(({ job }) => handlers.get(job.type)?.patienceMs ?? defaultPatienceMs);
    return Math.max(defaultPatienceMs, ...each);
  }

  /** Asks every running attempt to stop because the process does. */
  abortAll(): void {
    for (const entry of this.#running) entry.stop.abort('shutdown');
  }

  /** In the next turn of the event loop: the exchange sends its next statement first, and the jobs run meanwhile. */
  #fillSoon(): void {
    if (this.#filling) return;
    this.#filling = true;
    setImmediate(() => {
      this.#filling = false;
      this.#fill();
    });
  }

  #fill(): void {
    for (let starts = 0; this.#running.size < this.#options.count; starts++) {
      if (this.#buffer.length === 0) return;
      if (starts === startsPerTurn) {
        this.#fillSoon();
        return;
      }
      this.#start(this.#buffer.shift() as HeldJob);
    }
  }

  #start(entry: HeldJob): void {
    const { job, stop } = entry;
    const { leases, handlers, services } = this.#options;
    const began = performance.now();
    if (this.#running.size === 0) this.pace.resumed(began);
    this.#running.add(entry);
    const startedAt = new Date(entry.claimedAtDatabase + (began - entry.claimedAt)).toISOString();
    leases.started(entry, startedAt);
    const run = () => runAttempt(job, handlers.get(job.type), stop, startedAt, services);
    // A job that has cost a worker its life starts only when its start is on record, so that it uses an attempt.
    const careful = job.crash_count > 0 && !entry.startRecorded;
    const recorded = careful && leases.recordStart(entry).catch(() => stop.abort('lost'));
    const verdict = recorded ? recorded.then(run) : run();
    if (verdict instanceof Promise) void verdict.then((late) => this.#end(entry, late, began, true));
    else this.#end(entry, verdict, began, false);
  }

  #end(entry: HeldJob, verdict: Verdict, began: number, refill: boolean): void {
    const now = performance.now();
    entry.ended = true;
    this.pace.ran(entry.job.type, now - began, now);
    this.#running.delete(entry);
    this.#options.onEnd(entry.job, verdict);
    if (refill) this.#fill();
  }
}

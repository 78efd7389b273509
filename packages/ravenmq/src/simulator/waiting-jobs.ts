/** The jobs that wait in a replay: ranked by the scheduler's code when they become ready, taken in that order. */
import { type Arrival, FifoWaits } from '../order/fifo-waits.ts';
import { guardActs, promisedWaitMs } from '../order/guard.ts';
import { type ReplayedPolicy, rankBy, type Waiting } from '../order/policies.ts';
import { afterSubmissions, noBacklog, stretchOf } from '../order/stretch.ts';
import type { Prediction } from '../predictor/candidate.ts';
import { Heap } from './heap.ts';

export class WaitingJobs {
  readonly #policy: ReplayedPolicy;
  readonly #slots: number;
  /** By place in the trace. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #ranks = new Map<number, number>();
  /** Has entries of jobs that left, or whose rank changed, until they come up. */
  readonly #order = new Heap();
  #backlog = noBacklog();
  #workMs = 0;
  readonly #fifo: FifoWaits;
  readonly #arrivals = new Map<number, Arrival>();
  #lastStartWasGuarded = false;
  guarded = 0;

  constructor(policy: ReplayedPolicy, slots: number) {
    this.#policy = policy;
    this.#slots = slots;
    this.#fifo = new FifoWaits(slots);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** What the job is ordered by, as long as it waits. */
  meanMs(place: number): number | undefined {
    return this.#waiting.get(place)?.meanMs;
  }

  add(place: number, readyAtMs: number, { p50Ms, p90Ms, meanMs }: Prediction): void {
    this.#workMs += meanMs;
    this.#backlog = afterSubmissions(this.#backlog, {
      count: 1,
      predictedMs: meanMs,
      waitingMs: this.#workMs,
      slots: this.#slots,
    });
    const stretch = stretchOf(this.#backlog);
    const job = { readyAtMs, p50Ms, p90Ms, meanMs, weight: 1, deadlineMs: undefined, stretch };
    this.#waiting.set(place, job);
    this.#arrivals.set(place, this.#fifo.arrive(readyAtMs, meanMs));
    this.#rank(place, job, readyAtMs);
  }

  /** Ranks a job that waits by what is predicted now, with the stretch that it came with. */
  rerank(place: number, { p50Ms, p90Ms, meanMs }: Prediction, nowMs: number): void {
    const job = this.#waiting.get(place);
    if (!job) return;
    this.#workMs += meanMs - job.meanMs;
    Object.assign(job, { p50Ms, p90Ms, meanMs });
    this.#rank(place, job, nowMs);
  }

  /** Takes out the job to be started; there must be one. */
  take(nowMs: number): number {
    const place = this.#next(nowMs);
    const job = this.#waiting.get(place);
    this.#workMs = this.#waiting.size === 1 ? 0 : this.#workMs - (job?.meanMs ?? 0);
    this.#waiting.delete(place);
    this.#ranks.delete(place);
    return place;
  }

  ended(place: number, runtimeMs: number): void {
    const arrival = this.#arrivals.get(place);
    this.#arrivals.delete(place);
    if (arrival) this.#fifo.end(arrival, runtimeMs);
  }

  #rank(place: number, job: Waiting, nowMs: number): void {
    if (this.#policy === 'hrrn') return;
    const rank = rankBy[this.#policy](job, nowMs);
    this.#ranks.set(place, rank);
    this.#order.push(rank, place);
  }

  #next(nowMs: number): number {
    if (this.#policy === 'hrrn') return this.#highestResponseRatio(nowMs);
    this.#dropStale();
    const first = this.#order.leastThing;
    if (this.#policy === 'adaptive') {
      const [oldest, { readyAtMs }] = this.#waiting.entries().next().value as [number, Waiting];
      const promiseMs = promisedWaitMs(this.#fifo);
      const acts = guardActs({ readyAtMs, promiseMs, nowMs }, this.#lastStartWasGuarded);
      this.#lastStartWasGuarded = acts && oldest !== first;
      if (this.#lastStartWasGuarded) {
        this.guarded++;
        return oldest;
      }
    }
    return this.#order.pop();
  }

  #dropStale(): void {
    while (this.#ranks.get(this.#order.leastThing) !== this.#order.leastKey) this.#order.pop();
  }

  #highestResponseRatio(nowMs: number): number {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (const [place, job] of this.#waiting) {
      const rank = rankBy.hrrn(job, nowMs);
      if (rank < least) [best, least] = [place, rank];
    }
    return best;
  }
}

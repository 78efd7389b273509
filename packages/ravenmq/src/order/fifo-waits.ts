/**
 * What jobs would have waited had they been started in the order of their arrival: the yardstick of the guard. The
 * schedule of first come, first served on so many slots (Kiefer and Wolfowitz 1955) is played along: surely up to the
 * first job that has not ended yet, beyond it with predicted run times where there is no better.
 */
import { SlotTimes } from './slot-times.ts';

/** Jobs that the rolling percentile looks back on, and how many arrive before all is reckoned anew. */
const window = 2_000;
const refreshEvery = 50;

export interface Arrival {
  readyAtMs: number;
  /** Predicted until it has ended. */
  runtimeMs: number;
  ended: boolean;
  /** As far as is known by now. */
  fifoWaitMs: number;
}

export class FifoWaits {
  /** After the jobs that are certain, and after all. */
  readonly #certain: SlotTimes;
  readonly #expected: SlotTimes;
  /** In the order of arrival; those before `#played` are certain. */
  #arrivals: Arrival[] = [];
  #played = 0;
  #sinceRefresh = 0;
  #p99Ms = 0;
  #maxMs = 0;

  constructor(slots: number) {
    this.#certain = new SlotTimes(slots);
    this.#expected = new SlotTimes(slots);
  }

  arrive(readyAtMs: number, predictedMs: number): Arrival {
    const fifoWaitMs = this.#expected.start(readyAtMs, predictedMs) - readyAtMs;
    const arrival = { readyAtMs, runtimeMs: predictedMs, ended: false, fifoWaitMs };
    this.#arrivals.push(arrival);
    this.#sinceRefresh++;
    if (this.#sinceRefresh >= refreshEvery) this.#refresh();
    return arrival;
  }

  end(arrival: Arrival, runtimeMs: number): void {
    arrival.runtimeMs = runtimeMs;
    arrival.ended = true;
  }

  /** The wait that one in a hundred of the last jobs would have exceeded, in milliseconds. */
  get p99Ms(): number {
    return this.#p99Ms;
  }

  /** The longest of them. */
  get maxMs(): number {
    return this.#maxMs;
  }

  #refresh(): void {
    this.#sinceRefresh = 0;
    const play = (slots: SlotTimes, arrival: Arrival) => {
      arrival.fifoWaitMs = slots.start(arrival.readyAtMs, arrival.runtimeMs) - arrival.readyAtMs;
    };
    for (; this.#arrivals[this.#played]?.ended; this.#played++)
      play(this.#certain, this.#arrivals[this.#played] as Arrival);
    this.#expected.copyFrom(this.#certain);
    for (const arrival of this.#arrivals.slice(this.#played)) play(this.#expected, arrival);
    const waits = Float64Array.from(this.#arrivals.slice(-window), ({ fifoWaitMs }) => fifoWaitMs).sort();
    this.#p99Ms = waits[Math.floor(0.99 * (waits.length - 1))] ?? 0;
    this.#maxMs = waits.at(-1) ?? 0;
    const spare = Math.min(this.#played, this.#arrivals.length - window);
    if (spare > window) {
      this.#arrivals = this.#arrivals.slice(spare);
      this.#played -= spare;
    }
  }
}

/** When each slot becomes free, in a schedule that is built job by job: a heap of times, the earliest at the root. */
export class SlotTimes {
  readonly #free: Float64Array;

  constructor(slots: number) {
    this.#free = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY);
  }

  copyFrom(other: SlotTimes): void {
    this.#free.set(other.#free);
  }

  /** Puts a job on the slot that is free first and answers when it starts. */
  start(readyAtMs: number, runtimeMs: number): number {
    const startMs = Math.max(readyAtMs, this.#free[0] as number);
    this.#replaceRoot(startMs + runtimeMs);
    return startMs;
  }

  #replaceRoot(time: number): void {
    const heap = this.#free;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= time) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = time;
  }
}

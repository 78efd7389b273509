/** A binary heap of numbered things, the smallest key first; of equal keys the smaller number. */
export class Heap {
  readonly #keys: number[] = [];
  readonly #things: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** Infinite when the heap is empty. */
  get leastKey(): number {
    return this.#keys[0] ?? Number.POSITIVE_INFINITY;
  }

  /** -1 when the heap is empty. */
  get leastThing(): number {
    return this.#things[0] ?? -1;
  }

  push(key: number, thing: number): void {
    const keys = this.#keys;
    const things = this.#things;
    let at = keys.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentKey = keys[parent] as number;
      if (parentKey < key || (parentKey === key && (things[parent] as number) < thing)) break;
      keys[at] = parentKey;
      things[at] = things[parent] as number;
      at = parent;
    }
    keys[at] = key;
    things[at] = thing;
  }

  /** Takes the first thing out; -1 when there is none. */
  pop(): number {
    const first = this.leastThing;
    const key = this.#keys.pop();
    const thing = this.#things.pop();
    if (key !== undefined && thing !== undefined && this.#keys.length > 0) this.#sink(key, thing);
    return first;
  }

  /** Puts a thing in the place of the first. */
  #sink(key: number, thing: number): void {
    const keys = this.#keys;
    const things = this.#things;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= keys.length) break;
      if (child + 1 < keys.length && this.#isOrdered(child + 1, child)) child++;
      const childKey = keys[child] as number;
      if (key < childKey || (key === childKey && thing < (things[child] as number))) break;
      keys[at] = childKey;
      things[at] = things[child] as number;
      at = child;
    }
    keys[at] = key;
    things[at] = thing;
  }

  #isOrdered(one: number, other: number): boolean {
    const [a, b] = [this.#keys[one] as number, this.#keys[other] as number];
    return a < b || (a === b && (this.#things[one] as number) < (this.#things[other] as number));
  }
}

/** Longest time in which the event loop turns to nothing else, in milliseconds. */
const sliceMs = 5;

/** Calls `work` for each item in turn, with a turn of the event loop whenever it has taken a slice of time. */
export async function inSlices<Item>(items: readonly Item[], work: (item: Item) => void): Promise<void> {
  let since = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - since < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}

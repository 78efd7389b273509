const baseMs = 1_000;
const capMs = 60_000;

/**
 * Milliseconds to wait before retry number `retry` (1 is the first): exponential, doubling from one second, at most
 * 60 s, of which the last half is random, so that jobs that failed together do not come back together.
 */
export function backoffMs(retry: number, random: () => number = Math.random): number {
  const full = Math.min(capMs, baseMs * 2 ** (retry - 1));
  return full * (0.5 + 0.5 * random());
}

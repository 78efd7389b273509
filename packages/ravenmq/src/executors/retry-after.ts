const maxRetryAfterMs = 24 * 3_600_000;

/** Retry-After in seconds or as a date; undefined when absent or unreadable. At most a day. */
export function retryDelayMs(value: string | undefined, nowMs = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const delayMs = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(delayMs, 0), maxRetryAfterMs);
}

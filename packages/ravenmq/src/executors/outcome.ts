/** What a handler may throw to steer what happens next. Any other error is retried with backoff. */

/** No retry: trying again would fail again. */
export class NonRetryable extends Error {
  override name = 'NonRetryable';
}

/** Retry, but not before `delayMs` milliseconds. */
export class RetryAfter extends Error {
  override name = 'RetryAfter';
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

/** The attempt failed in a way that another attempt cannot mend: the job fails without a retry. */
export class NonRetryable extends Error {
  override name = 'NonRetryable';
}

/** The attempt failed, and the other side said how long to stay away: no retry before `delayMs`. */
export class RetryAfter extends Error {
  override name = 'RetryAfter';
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

/** A program ended badly or was stopped. What it printed up to then is kept on `result`. */
export class ProgramFailed extends Error {
  override name = 'ProgramFailed';
  readonly result: unknown;

  constructor(message: string, result: unknown, options?: ErrorOptions) {
    super(message, options);
    this.result = result;
  }
}

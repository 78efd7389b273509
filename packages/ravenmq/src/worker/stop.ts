/** Why an attempt has to stop before its handler is done. */
export type StopReason = 'timeout' | 'cancel' | 'lost' | 'shutdown';

/**
 * Asks one attempt to stop. The abort signal behind it is made when a handler first reads it: most jobs are over
 * before anybody asks, and a signal costs more than everything else the worker does for such a job.
 */
export class Stop {
  /** The first one given; later ones change nothing. */
  reason: StopReason | undefined;
  #controller: AbortController | undefined;
  #notify: (() => void) | undefined;

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.reason) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: StopReason): void {
    if (this.reason) return;
    this.reason = reason;
    this.#controller?.abort(reason);
    this.#notify?.();
  }

  /** Calls back once, at once when it has been asked already. One attempt has one listener. */
  onAbort(notify: () => void): void {
    if (this.reason) notify();
    else this.#notify = notify;
  }
}

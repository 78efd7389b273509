/**
 * The one shape of everything periodic: a name, an interval, and a step that does a bounded amount of work.
 *
 * Contract: `start` and `stop` may be called in any order and any number of times; `stop` waits for the step in
 * flight; two steps never overlap; an error is logged with the service's name and the step is tried again, after waits
 * that grow while errors follow each other, whatever its interval: a lease wants to be renewed as soon as the database
 * is back. A step that returns 'again' is repeated at once (there was a full batch), so a backlog drains without a
 * shorter interval.
 */
import type { Logger } from './log.ts';

export interface Step {
  name: string;
  everyMs: number;
  /** Spread over processes: each wait is everyMs x (1 +- jitter). */
  jitter?: number;
  /** Of its time at most this share: a step that took long comes later than everyMs. */
  share?: number;
  run(signal: AbortSignal): Promise<'again' | undefined>;
}

export interface Service {
  start(): void;
  stop(): Promise<void>;
  /** Ends the current wait, so that the next step runs now. */
  wake(): void;
}

/** Longest wait after failures, in milliseconds, before it is spread. */
const longestWaitMs = 5_000;

export function createService(step: Step, log: Logger): Service {
  let stopping = new AbortController();
  let loop: Promise<void> | undefined;
  let wakeUp: (() => void) | undefined;
  let woken = false;
  let failures = 0;
  let tookMs = 0;

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let again = false;
      woken = false;
      const began = performance.now();
      try {
        again = (await step.run(signal)) === 'again';
        failures = 0;
      } catch (error) {
        failures++;
        if (!signal.aborted) log.error({ event: 'service_failed', service: step.name, err: error });
      }
      tookMs = performance.now() - began;
      if (!again && !woken && !signal.aborted) await wait(signal);
    }
  }

  /** After failures spread widely: the processes that a database lost at once must not come back at once. */
  function waitMs(): number {
    const spread = failures === 0 ? (step.jitter ?? 0) : 0.5;
    const due = Math.max(step.everyMs, step.share === undefined ? 0 : tookMs / step.share);
    const ms = failures === 0 ? due : Math.min(longestWaitMs, 50 * 2 ** failures);
    return ms * (1 + spread * (2 * Math.random() - 1));
  }

  function wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        wakeUp = undefined;
        resolve();
      };
      const timer = setTimeout(done, waitMs());
      signal.addEventListener('abort', done, { once: true });
      wakeUp = done;
    });
  }

  return {
    start() {
      if (loop) return;
      stopping = new AbortController();
      loop = run(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await loop;
      loop = undefined;
    },
    wake() {
      woken = true;
      wakeUp?.();
    },
  };
}

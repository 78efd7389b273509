import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';

/** Nobody listens, the name is not known yet, the server starts up, shuts down or recovers. */
const notYet = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '57P03',
  '57P01',
]);
const everyMs = 500;

/** Repeats `work` for at most `waitMs` milliseconds while the database does not answer yet; any other error is final. */
export async function whenAnswered<T>(waitMs: number, log: Logger, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + waitMs;
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() + everyMs > until || !isNotYet(error)) throw error;
      if (tries === 0) log.info({ event: 'waiting_for_database', err: error });
      await sleep(everyMs);
    }
  }
}

/** A host with several addresses fails with one error for each. */
function isNotYet(error: unknown): boolean {
  const { code, errors, message } = error as { code?: string; errors?: unknown[]; message?: string };
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isNotYet);
  return (
    notYet.has(code ?? '') ||
    /timeout exceeded when trying to connect|Connection terminated/.test(message ?? '')
  );
}

/**
 * The last successful runs of jobs that were the same: of the series, variant and user, and of the same request and
 * size; the same request; the same size.
 */
import type { Job, Run } from './candidate.ts';

const runsKept = 16;
/** Kinds of jobs; the longest unused are forgotten. */
const kindsKept = 50_000;

export const waysToBeAlike = 3;

export class Alike {
  /** ln milliseconds, oldest first. */
  readonly #logs = new Map<string, number[]>();

  /** In each of the ways. */
  logsOf(job: Job): readonly (readonly number[])[] {
    return keysOf(job).map((key) => this.#logs.get(key) ?? []);
  }

  add(run: Run, log: number): void {
    for (const key of keysOf(run)) {
      const logs = this.#logs.get(key) ?? [];
      this.#logs.delete(key);
      this.#logs.set(key, logs);
      logs.push(log);
      if (logs.length > runsKept) logs.shift();
      if (this.#logs.size > kindsKept) this.#logs.delete(this.#logs.keys().next().value as string);
    }
  }
}

function keysOf({ tenant, type, name, variant, user, requestedMs, sizeHint }: Job): string[] {
  const common = JSON.stringify([tenant, type, name, variant, user]);
  return [`${common} ${requestedMs} ${sizeHint}`, `${common} ${requestedMs}`, `${common}  ${sizeHint}`];
}

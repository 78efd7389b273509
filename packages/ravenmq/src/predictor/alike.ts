/** The last successful runs of jobs that were the same in every respect: series, variant, user, request and size. */
import type { Job, Run } from './candidate.ts';

const runsKept = 16;
/** Kinds of jobs; the longest unused are forgotten. */
const kindsKept = 20_000;

export class Alike {
  /** ln milliseconds, oldest first. */
  readonly #logs = new Map<string, number[]>();

  logsOf(job: Job): readonly number[] {
    return this.#logs.get(keyOf(job)) ?? [];
  }

  add(run: Run, log: number): void {
    const key = keyOf(run);
    const logs = this.#logs.get(key) ?? [];
    this.#logs.delete(key);
    this.#logs.set(key, logs);
    logs.push(log);
    if (logs.length > runsKept) logs.shift();
    if (this.#logs.size > kindsKept) this.#logs.delete(this.#logs.keys().next().value as string);
  }
}

const keyOf = ({ tenant, type, name, variant, user, requestedMs, sizeHint }: Job) =>
  JSON.stringify([tenant, type, name, variant, user, requestedMs, sizeHint]);

/**
 * Plans of a process that answers many questions at once: read in the background when somebody asks and what there is
 * has become old, so that submitting a job waits for nothing.
 */
import type { Queryable } from '../db/connect.ts';
import { type QueuePlan, readPlan } from './read-plan.ts';

const freshMs = 1_000;
/** A plan that nobody renewed says nothing any more: no scheduler leads. */
const uselessMs = 60_000;
/** Queues that are remembered; the longest unread is forgotten. */
const most = 500;

interface Entry {
  readAt: number;
  plan: QueuePlan | undefined;
  reading: Promise<void> | undefined;
}

export class PlanCache {
  readonly #db: Queryable;
  readonly #entries = new Map<string, Entry>();

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** What is known now; the first question about a queue is answered with nothing. */
  peek(queue: string): QueuePlan | undefined {
    const entry = this.#entryOf(queue);
    if (performance.now() - entry.readAt > freshMs) this.#read(queue, entry).catch(() => {});
    return usable(entry.plan);
  }

  /** At most a second old. */
  async fresh(queue: string): Promise<QueuePlan | undefined> {
    const entry = this.#entryOf(queue);
    if (performance.now() - entry.readAt > freshMs) await this.#read(queue, entry);
    return usable(entry.plan);
  }

  #entryOf(queue: string): Entry {
    const entry = this.#entries.get(queue) ?? {
      readAt: Number.NEGATIVE_INFINITY,
      plan: undefined,
      reading: undefined,
    };
    this.#entries.delete(queue);
    this.#entries.set(queue, entry);
    if (this.#entries.size > most) this.#entries.delete(this.#entries.keys().next().value as string);
    return entry;
  }

  #read(queue: string, entry: Entry): Promise<void> {
    entry.reading ??= (async () => {
      try {
        entry.plan = await readPlan(this.#db, queue);
      } finally {
        entry.readAt = performance.now();
        entry.reading = undefined;
      }
    })();
    return entry.reading;
  }
}

const usable = (plan: QueuePlan | undefined) =>
  plan && Date.now() - plan.plannedAtMs < uselessMs ? plan : undefined;

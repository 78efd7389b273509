import type { Queryable } from '../db/connect.ts';
import type { Reports } from '../executors/executor.ts';
import type { ClaimedJob, Finish } from '../jobs/turnover.ts';
import type { Complete } from './complete.ts';
import type { Recorder } from './recorder.ts';
import type { Stop } from './stop.ts';

/** What a handler knows of its attempt, and what it may tell. */
export interface AttemptContext extends Reports {
  readonly jobId: string;
  readonly tenantId: string;
  readonly type: string;
  readonly name: string;
  /** 1 at the first start. */
  readonly attempt: number;
  /** Grows with every claim of the job: hand it to systems that refuse writes of an older one. */
  readonly fence: number;
  readonly signal: AbortSignal;
  /**
   * Ends the job, as done with this result, inside a transaction of the handler's own in the same database: `tx` is its
   * client after `begin`. What the handler writes in that transaction takes effect exactly once. Commit it before the
   * handler returns. Throws LeaseLost when another attempt has taken over; the transaction then has to be rolled back.
   */
  complete(tx: Queryable, result?: unknown): Promise<void>;
}

/** What attempts of one worker share. */
export interface AttemptServices {
  recorder: Recorder;
  complete: Complete;
}

/** Makes what a handler asks for when it asks: most need nothing of it. */
export class RunningAttempt implements AttemptContext {
  readonly #job: ClaimedJob;
  readonly #stop: Stop;
  readonly #services: AttemptServices;
  readonly #finishWith: (result: unknown) => Finish;
  #reports: Reports | undefined;
  /** How it ended in the handler's own transaction, if it did. */
  completed: Finish | undefined;

  constructor(
    job: ClaimedJob,
    stop: Stop,
    services: AttemptServices,
    finishWith: (result: unknown) => Finish,
  ) {
    this.#job = job;
    this.#stop = stop;
    this.#services = services;
    this.#finishWith = finishWith;
  }

  get jobId(): string {
    return this.#job.id;
  }
  get tenantId(): string {
    return this.#job.tenant_id;
  }
  get type(): string {
    return this.#job.type;
  }
  get name(): string {
    return this.#job.name;
  }
  get attempt(): number {
    return this.#job.retry_count + 1;
  }
  get fence(): number {
    return this.#job.fence;
  }
  get signal(): AbortSignal {
    return this.#stop.signal;
  }
  get log(): Reports['log'] {
    return this.#reporting().log;
  }
  get progress(): Reports['progress'] {
    return this.#reporting().progress;
  }
  get metric(): Reports['metric'] {
    return this.#reporting().metric;
  }

  get complete(): AttemptContext['complete'] {
    return async (tx, result) => {
      const finish = this.#finishWith(result);
      await this.#services.complete(tx, finish);
      this.completed = finish;
    };
  }

  /** Whether anything may have been reported. */
  get reports(): boolean {
    return this.#reports !== undefined;
  }

  /** Resolves when what was reported is on record, so that whoever sees the end of the job sees all of it. */
  recorded(): Promise<void> {
    return this.#services.recorder.flush();
  }

  #reporting(): Reports {
    this.#reports ??= this.#services.recorder.open({
      jobId: this.#job.id,
      tenantId: this.#job.tenant_id,
      fence: this.#job.fence,
      attempt: this.attempt,
    });
    return this.#reports;
  }
}

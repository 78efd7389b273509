/**
 * The producer's side of the library: enqueue jobs for one organization and wait for their results, either straight
 * in PostgreSQL (a connection string) or through the REST API (an address and an API key).
 */
import type { Queryable } from '../db/connect.ts';
import { createDirect } from './direct.ts';
import { type Duration, toMs } from './duration.ts';
import type { JobDefinition } from './job-definition.ts';
import { createRemote } from './remote.ts';

export type RavenOptions =
  | {
      databaseUrl: string;
      organization: string;
      schema?: string;
      /** Tell waiting workers of new jobs at once (NOTIFY after the commit); false leaves it to their poll. */
      wakeUps?: boolean;
    }
  | { url: string; apiKey: string };

export interface EnqueueOptions {
  name?: string;
  queue?: string;
  runAt?: Date;
  deadline?: Date;
  /** Static priority: 2 halves the wait that the predicted runtime adds. */
  weight?: number;
  maxRetries?: number;
  timeout?: Duration;
  idempotencyKey?: string;
  concurrencyKey?: string;
  labels?: Record<string, string>;
  sizeHint?: number;
  variant?: string;
}

/** A job on its way through a transport: options resolved, payload checked. */
export interface Outgoing {
  type: string;
  name: string;
  payload: Record<string, unknown>;
  options: Omit<EnqueueOptions, 'name' | 'timeout'> & { timeoutMs?: number };
}

export interface Ending {
  status: 'done' | 'failed' | 'cancelled';
  result: unknown;
  errorMsg: string | null;
}

/** How jobs leave this process. */
export interface Transport {
  submit(jobs: Outgoing[]): Promise<string[]>;
  submitIn(client: Queryable, job: Outgoing): Promise<string>;
  /** Undefined while the job has not ended. */
  ending(id: string): Promise<Ending | undefined>;
  close(): Promise<void>;
}

export interface JobHandle<Result> {
  readonly id: string;
  /** Waits for the end and answers what the handler returned. Throws JobFailed, or on the time limit. */
  result(options?: { timeoutMs?: number }): Promise<Result>;
}

export class JobFailed extends Error {
  override name = 'JobFailed';
  readonly jobId: string;
  readonly status: 'failed' | 'cancelled';

  constructor(jobId: string, status: 'failed' | 'cancelled', message: string) {
    super(message);
    this.jobId = jobId;
    this.status = status;
  }
}

export class Raven {
  readonly #transport: Transport;

  constructor(options: RavenOptions) {
    this.#transport = 'databaseUrl' in options ? createDirect(options) : createRemote(options);
  }

  async enqueue<Input, Output, Result>(
    job: JobDefinition<Input, Output, Result>,
    payload: Input,
    options: EnqueueOptions = {},
  ): Promise<JobHandle<Result>> {
    const [handle] = await this.enqueueMany([[job, payload, options]]);
    return handle as JobHandle<Result>;
  }

  /** Answers in their order. All or none of them are enqueued; of more than 1,000, each thousand apart. */
  async enqueueMany<Input, Output, Result>(
    jobs: [JobDefinition<Input, Output, Result>, Input, EnqueueOptions?][],
  ): Promise<JobHandle<Result>[]> {
    const preparing = jobs.map(([job, payload, options]) => prepare(job, payload, options));
    const prepared = preparing.some((each) => each instanceof Promise)
      ? await Promise.all(preparing)
      : (preparing as Outgoing[]);
    const ids = await this.#transport.submit(prepared);
    return ids.map((id) => this.#handle<Result>(id));
  }

  /**
   * Enqueues inside the caller's own PostgreSQL transaction: the job exists exactly when that transaction commits.
   * `client` runs one statement with parameters, as a client of `pg` does.
   */
  tx(client: Queryable) {
    return {
      enqueue: async <Input, Output, Result>(
        job: JobDefinition<Input, Output, Result>,
        payload: Input,
        options: EnqueueOptions = {},
      ): Promise<JobHandle<Result>> =>
        this.#handle<Result>(await this.#transport.submitIn(client, await prepare(job, payload, options))),
    };
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #handle<Result>(id: string): JobHandle<Result> {
    return { id, result: ({ timeoutMs = 60_000 } = {}) => this.#result<Result>(id, timeoutMs) };
  }

  async #result<Result>(id: string, timeoutMs: number): Promise<Result> {
    const until = performance.now() + timeoutMs;
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
      const ending = await this.#transport.ending(id);
      if (ending?.status === 'done') return ending.result as Result;
      if (ending) throw new JobFailed(id, ending.status, ending.errorMsg ?? `job ${id} was ${ending.status}`);
      if (performance.now() >= until) throw new Error(`Job ${id} has not ended within ${timeoutMs} ms.`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** Checks the payload: at once when the schema does. */
function prepare<Input, Output, Result>(
  job: JobDefinition<Input, Output, Result>,
  payload: Input,
  options?: EnqueueOptions,
): Outgoing | Promise<Outgoing> {
  const checked = job.parse(payload);
  return checked instanceof Promise
    ? checked.then(() => outgoing(job, payload, options))
    : outgoing(job, payload, options);
}

function outgoing<Input, Output, Result>(
  job: JobDefinition<Input, Output, Result>,
  payload: Input,
  { name, timeout, ...options }: EnqueueOptions = {},
): Outgoing {
  const timeoutMs = timeout === undefined ? job.timeoutMs : toMs(timeout);
  return {
    type: job.type,
    name: name ?? job.type,
    // The payload as given: the handler's side parses it again, so defaults and transforms happen once, there.
    payload: payload as Record<string, unknown>,
    options: {
      ...(job.queue !== undefined && { queue: job.queue }),
      ...(job.maxRetries !== undefined && { maxRetries: job.maxRetries }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...options,
    },
  };
}

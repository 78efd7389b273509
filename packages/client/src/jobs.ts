import type { Request } from './request.ts';
import { RavenError } from './request.ts';
import type { Job, JobFilter, NewJob } from './wire.ts';

export interface WaitOptions {
  /** How long to wait for the end, in milliseconds; 60,000 by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface Jobs {
  /** Submits a job. An idempotency key is made up when none is given, so a repeated request makes no second job. */
  submit(job: NewJob): Promise<Job>;
  /** Submits up to 1,000 jobs; answers in their order. Throws when one contradicts an earlier idempotency key. */
  submitMany(jobs: NewJob[]): Promise<Job[]>;
  get(id: string): Promise<Job>;
  /** Jobs that match, newest first, page after page. */
  list(filter?: JobFilter): AsyncGenerator<Job, void>;
  cancel(id: string): Promise<Job>;
  retry(id: string): Promise<Job>;
  /** Waits until the job has ended; throws a RavenError with code `timeout` when it does not in time. */
  wait(id: string, options?: WaitOptions): Promise<Job>;
}

const ended = (job: Job) => job.status === 'done' || job.status === 'failed' || job.status === 'cancelled';

export function createJobs(request: Request): Jobs {
  const read = async <T>(...args: Parameters<Request>) => (await (await request(...args)).json()) as T;
  const withKey = (job: NewJob): NewJob => ({ idempotency_key: crypto.randomUUID(), ...job });

  return {
    submit: (job) => read<Job>('POST', '/jobs/', { body: withKey(job), repeatable: true }),

    async submitMany(jobs) {
      const body = { jobs: jobs.map(withKey) };
      const answers = await read<(Job | { status: number; code: string; detail: string })[]>(
        'POST',
        '/jobs/bulk',
        {
          body,
          repeatable: true,
        },
      );
      return answers.map((answer) => {
        if ('id' in answer) return answer;
        throw new RavenError(answer.status, answer.code, answer.detail);
      });
    },

    get: (id) => read<Job>('GET', `/jobs/${encodeURIComponent(id)}`),

    async *list(filter = {}) {
      let path: string | undefined = `/jobs/?${queryOf(filter)}`;
      while (path !== undefined) {
        const response: Response = await request('GET', path);
        yield* (await response.json()) as Job[];
        path = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      }
    },

    cancel: (id) => read<Job>('POST', `/jobs/${encodeURIComponent(id)}/cancel`),
    retry: (id) => read<Job>('POST', `/jobs/${encodeURIComponent(id)}/retry`),

    async wait(id, { timeoutMs = 60_000, signal } = {}) {
      const until = performance.now() + timeoutMs;
      for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.5, 1_000)) {
        const job = await read<Job>('GET', `/jobs/${encodeURIComponent(id)}`, { signal });
        if (ended(job)) return job;
        if (performance.now() + pauseMs > until) {
          throw new RavenError(0, 'timeout', `Job ${id} is ${job.status} after ${timeoutMs} ms.`);
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    },
  };
}

function queryOf({ labels = {}, ...rest }: JobFilter): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(rest)) if (value !== undefined) query.set(key, String(value));
  for (const [key, value] of Object.entries(labels)) query.set(`label.${key}`, value);
  return query.toString();
}

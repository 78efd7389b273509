import { RavenError } from './error.ts';
import type { Estimate, Explanation, NewEstimate } from './forecast-wire.ts';
import { createJobReports, type JobReports } from './job-reports.ts';
import { type CallOptions, pause, type Request } from './request.ts';
import type { Job, JobFilter, NewJob } from './wire.ts';

export interface WaitOptions extends CallOptions {
  /** How long to wait for the end, in milliseconds; 60,000 by default. */
  timeoutMs?: number;
}

export interface Jobs extends JobReports {
  /** Submits a job. An idempotency key is made up when none is given, so a repeated request makes no second job. */
  submit(job: NewJob, options?: CallOptions): Promise<Job>;
  /**
   * Submits up to 1,000 jobs in one request; answers in their order. Throws when one of them contradicts an earlier
   * idempotency key; the others are submitted all the same.
   */
  submitMany(jobs: NewJob[], options?: CallOptions): Promise<Job[]>;
  get(id: string, options?: CallOptions): Promise<Job>;
  /** When it will start, and why it does not yet. */
  explain(id: string, options?: CallOptions): Promise<Explanation>;
  /** How long a job would run and when it would start, without submitting it. */
  estimate(job: NewEstimate, options?: CallOptions): Promise<Estimate>;
  /** Jobs that match, newest first; the next page is fetched when it is reached. */
  list(filter?: JobFilter, options?: CallOptions): AsyncGenerator<Job, void>;
  /** Cancels a waiting job; a running one is asked to stop and reports `cancel_requested` until it has. */
  cancel(id: string, options?: CallOptions): Promise<Job>;
  /** Puts a job that failed for good back into its queue. */
  retry(id: string, options?: CallOptions): Promise<Job>;
  /** Waits until the job has ended; throws a RavenError with code `timeout` when it does not in time. */
  wait(id: string, options?: WaitOptions): Promise<Job>;
}

type Refused = { status: number; code: string; detail: string; request_id: string };

const firstPauseMs = 20;
const longestPauseMs = 1_000;
const hasEnded = (job: Job) => ['done', 'failed', 'cancelled'].includes(job.status);

export function createJobs(request: Request): Jobs {
  const pathOf = (id: string) => `/jobs/${encodeURIComponent(id)}`;
  const call = async (method: string, path: string, options: CallOptions = {}) =>
    (await request<Job>(method, path, options)).body;

  return {
    ...createJobReports(request),

    async submit(job, { signal } = {}) {
      const headers = job.idempotency_key === undefined ? { 'idempotency-key': newKey() } : {};
      return (await request<Job>('POST', '/jobs/', { body: job, headers, repeatable: true, signal })).body;
    },

    async submitMany(jobs, { signal } = {}) {
      const body = {
        jobs: jobs.map((job) => ({ ...job, idempotency_key: job.idempotency_key ?? newKey() })),
      };
      const options = { body, repeatable: true, signal };
      const answer = await request<(Job | Refused)[]>('POST', '/jobs/bulk', options);
      return answer.body.map((entry) => {
        if ('id' in entry) return entry;
        throw new RavenError(entry.status, entry.code, entry.detail, { requestId: entry.request_id });
      });
    },

    get: (id, options) => call('GET', pathOf(id), options),
    explain: async (id, options = {}) =>
      (await request<Explanation>('GET', `${pathOf(id)}/explain`, options)).body,
    estimate: async (job, { signal } = {}) =>
      (await request<Estimate>('POST', '/estimate', { body: job, repeatable: true, signal })).body,
    cancel: (id, options) => call('POST', `${pathOf(id)}/cancel`, options),
    retry: (id, options) => call('POST', `${pathOf(id)}/retry`, options),

    async *list(filter = {}, { signal } = {}) {
      let path: string | undefined = `/jobs/?${queryOf(filter)}`;
      while (path !== undefined) {
        const page: { body: Job[]; headers: Headers } = await request<Job[]>('GET', path, { signal });
        yield* page.body;
        path = nextPath(page.headers.get('link'));
      }
    },

    async wait(id, { timeoutMs = 60_000, signal } = {}) {
      const limit = AbortSignal.timeout(timeoutMs);
      const either = signal ? AbortSignal.any([signal, limit]) : limit;
      let status = 'not known to have ended';
      try {
        for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
          const job = await call('GET', pathOf(id), { signal: either });
          if (hasEnded(job)) return job;
          status = job.status;
          await pause(pauseMs, either);
        }
      } catch (cause) {
        signal?.throwIfAborted();
        if (!limit.aborted) throw cause;
        throw new RavenError(0, 'timeout', `Job ${id} is ${status} after ${timeoutMs} ms.`, { cause });
      }
    },
  };
}

/** Random bytes in store: asking for them costs more than a key. */
let random = new Uint8Array(0);
let used = 0;
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Not crypto.randomUUID: browsers have that on secure pages only, and a private network often has none. */
function newKey(): string {
  if (used === random.length) {
    random = crypto.getRandomValues(new Uint8Array(16 * 64));
    used = 0;
  }
  let key = '';
  for (const end = used + 16; used < end; used++) key += digits[random[used] as number];
  return key;
}

function queryOf({ labels = {}, ...rest }: JobFilter): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(rest)) if (value !== undefined) query.set(key, String(value));
  for (const [key, value] of Object.entries(labels)) query.set(`label.${key}`, value);
  return query.toString();
}

/** Only the path of the link: the token must not follow one to another host. */
function nextPath(link: string | null): string | undefined {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
  if (target === undefined) return undefined;
  const { pathname, search } = new URL(target, 'http://api');
  return pathname + search;
}

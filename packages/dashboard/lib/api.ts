/** The REST API as these pages use it: one request function, the cookie session, problems as errors. */

export type Role = 'admin' | 'org_admin' | 'user';

export interface User {
  id: string;
  username: string;
  role: Role;
  org_id: string | null;
}

export type Status = 'scheduled' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
export const statuses: Status[] = ['scheduled', 'queued', 'running', 'done', 'failed', 'cancelled'];

export interface Job {
  id: string;
  name: string;
  type: string;
  queue: string;
  payload: Record<string, unknown>;
  status: Status;
  priority: number;
  predicted_runtime_ms: number;
  runtime_ms: number | null;
  retry_count: number;
  max_retries: number;
  error_msg: string | null;
  result: unknown;
  worker_id: string | null;
  created_at: string | null;
  run_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  cancel_requested: boolean;
}

export interface Worker {
  worker_id: string;
  hostname: string;
  status: 'active' | 'offline';
  slots: number;
  jobs_processed: number;
  seconds_since_heartbeat: number;
  started_at: string;
}

export interface Leader {
  worker_id: string;
  elected_at: string;
  status: 'active' | 'stale';
  seconds_since_heartbeat: number;
}

export interface Summary {
  counts: {
    total_done: number;
    total_failed: number;
    total_queued: number;
    total_running: number;
    total_scheduled: number;
    success_rate: number | null;
  };
  prediction_mape_pct: number | null;
  queue_health: { p95_queue_wait_ms: number | null; jobs_last_hour: number };
}

export interface Organization {
  id: string;
  name: string;
  member_count: number;
}

/** What the API refused, in its own words. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

let signedOut: (() => void) | undefined;

/** Calls `listener` whenever the API no longer knows who is asking. Answers how to stop that. */
export function onSignedOut(listener: () => void): () => void {
  signedOut = listener;
  return () => {
    if (signedOut === listener) signedOut = undefined;
  };
}

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: {
      'x-ravenmq-csrf': '1',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (response.ok) return response;
  if (response.status === 401) signedOut?.();
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string };
  throw new ApiError(
    response.status,
    problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
  );
}

async function read<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await call(method, path, body)).json() as Promise<T>;
}

interface Credentials {
  username: string;
  password: string;
}

export const api = {
  session: () => read<{ user: User }>('GET', '/auth/session'),
  signIn: (credentials: Credentials) => read<{ user: User }>('POST', '/auth/session', credentials),
  signOut: () => call('DELETE', '/auth/session'),
  register: (credentials: Credentials) => call('POST', '/auth/register', credentials),
  job: (id: string) => read<Job>('GET', `/jobs/${encodeURIComponent(id)}`),
  submit: (job: { name: string; type: string; payload: unknown }) => read<Job>('POST', '/jobs', job),
  cancel: (id: string) => read<Job>('POST', `/jobs/${id}/cancel`),
  retry: (id: string) => read<Job>('POST', `/jobs/${id}/retry`),
  workers: () => read<Worker[]>('GET', '/jobs/workers'),
  leader: () => read<Leader>('GET', '/jobs/scheduler/leader'),
  summary: () => read<Summary>('GET', '/analytics/summary'),
  organization: () => read<Organization>('GET', '/orgs/me'),
  createOrganization: (name: string) => call('POST', '/orgs', { name }),
  invite: (orgId: string, username: string) =>
    read<{ message: string }>('POST', `/orgs/${orgId}/invite`, { username }),

  /** The first pages of a list, each found through the one before, and whether there are more. */
  async jobs(path: string, pages: number): Promise<{ jobs: Job[]; more: boolean }> {
    const jobs: Job[] = [];
    let next: string | undefined = path;
    for (let page = 0; page < pages && next !== undefined; page++) {
      const response: Response = await call('GET', next);
      jobs.push(...((await response.json()) as Job[]));
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    }
    return { jobs, more: next !== undefined };
  },
};

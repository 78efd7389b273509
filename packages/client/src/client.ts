import type { Board, NewWhatif, Whatif } from './forecast-wire.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { type CallOptions, type ClientOptions, createRequest, type RequestOptions } from './request.ts';
import { createSchedules, type Schedules } from './schedules.ts';
import type { ApiKey, Leader, Member, Organization, Summary, User, Worker } from './wire.ts';

export interface Credentials {
  username: string;
  password: string;
}

export interface RavenClient {
  auth: {
    /** Makes an account; the client goes on as that user. */
    register(credentials: Credentials, options?: CallOptions): Promise<User>;
    /** Signs in; the client goes on as that user. */
    login(credentials: Credentials, options?: CallOptions): Promise<User>;
  };
  jobs: Jobs;
  schedules: Schedules;
  orgs: {
    /** Makes an organization and its maker the org_admin. */
    create(name: string, options?: CallOptions): Promise<Organization>;
    invite(orgId: string, username: string, options?: CallOptions): Promise<void>;
    me(options?: CallOptions): Promise<Organization & { member_count: number }>;
    /** For an org_admin. */
    members(options?: CallOptions): Promise<Member[]>;
  };
  /** Keys for machines: each acts as its owner. */
  apiKeys: {
    /** The key itself is in this answer alone. */
    create(name: string, options?: CallOptions): Promise<ApiKey & { key: string }>;
    list(options?: CallOptions): Promise<ApiKey[]>;
    revoke(id: string, options?: CallOptions): Promise<void>;
  };
  queues: {
    /** The next 50 jobs with their times, and what every slot does until when. */
    board(name: string, options?: CallOptions): Promise<Board>;
  };
  whatif: {
    /** Asks what the finished jobs would have waited in other orders, on other slots, with more arrivals. */
    ask(question: NewWhatif, options?: CallOptions): Promise<Whatif>;
    get(id: string, options?: CallOptions): Promise<Whatif>;
    cancel(id: string, options?: CallOptions): Promise<Whatif>;
  };
  workers: { list(options?: CallOptions): Promise<Worker[]> };
  scheduler: { leader(options?: CallOptions): Promise<Leader> };
  analytics: { summary(options?: CallOptions): Promise<Summary> };
}

/** A client of the REST API. Methods throw a RavenError when the API refuses or cannot be reached. */
export function createClient(options: ClientOptions): RavenClient {
  let token = options.token;
  const request = createRequest(options, () => token);
  const get = async <T>(path: string, call?: CallOptions) => (await request<T>('GET', path, call)).body;
  const post = async <T>(path: string, body: unknown, call?: RequestOptions) =>
    (await request<T>('POST', path, { body, ...call })).body;

  async function enter(path: string, credentials: Credentials, call?: CallOptions): Promise<User> {
    const answer = await post<{ token: string; user: User }>(path, credentials, call);
    token = answer.token;
    return answer.user;
  }

  return {
    auth: {
      register: (credentials, call) => enter('/auth/register', credentials, call),
      login: (credentials, call) => enter('/auth/login', credentials, call),
    },
    jobs: createJobs(request),
    schedules: createSchedules(request),
    orgs: {
      create: async (name, call) => (await post<{ org: Organization }>('/orgs/', { name }, call)).org,
      async invite(orgId, username, call) {
        await post(`/orgs/${encodeURIComponent(orgId)}/invite`, { username }, call);
      },
      me: (call) => get('/orgs/me', call),
      members: (call) => get('/orgs/me/members', call),
    },
    apiKeys: {
      create: (name, call) => post('/api-keys', { name }, call),
      list: (call) => get('/api-keys', call),
      async revoke(id, call) {
        await request('DELETE', `/api-keys/${encodeURIComponent(id)}`, call);
      },
    },
    queues: { board: (name, call) => get(`/queues/${encodeURIComponent(name)}/board`, call) },
    whatif: {
      ask: (question, call) => post('/whatif', question, call),
      get: (id, call) => get(`/whatif/${encodeURIComponent(id)}`, call),
      cancel: (id, call) => post(`/whatif/${encodeURIComponent(id)}/cancel`, {}, call),
    },
    workers: { list: (call) => get('/jobs/workers', call) },
    scheduler: { leader: (call) => get('/jobs/scheduler/leader', call) },
    analytics: { summary: (call) => get('/analytics/summary', call) },
  };
}

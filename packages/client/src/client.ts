import { createJobs, type Jobs } from './jobs.ts';
import { type ClientOptions, createRequest } from './request.ts';
import type { Organization, User, Worker } from './wire.ts';

interface Credentials {
  username: string;
  password: string;
}

export interface RavenClient {
  auth: {
    /** Makes an account; the client goes on as that user. */
    register(credentials: Credentials): Promise<User>;
    /** Signs in; the client goes on as that user. */
    login(credentials: Credentials): Promise<User>;
  };
  jobs: Jobs;
  orgs: {
    create(name: string): Promise<Organization>;
    invite(orgId: string, username: string): Promise<void>;
    me(): Promise<Organization & { member_count: number }>;
    members(): Promise<(User & { created_at: string })[]>;
  };
  workers: { list(): Promise<Worker[]> };
}

/** A client of the REST API. Methods throw a RavenError when the API refuses or cannot be reached. */
export function createClient(options: ClientOptions): RavenClient {
  let token = options.token;
  const request = createRequest(options, () => token);
  const read = async <T>(...args: Parameters<typeof request>) => (await (await request(...args)).json()) as T;

  async function enter(path: string, credentials: Credentials): Promise<User> {
    const answer = await read<{ token: string; user: User }>('POST', path, { body: credentials });
    token = answer.token;
    return answer.user;
  }

  return {
    auth: {
      register: (credentials) => enter('/auth/register', credentials),
      login: (credentials) => enter('/auth/login', credentials),
    },
    jobs: createJobs(request),
    orgs: {
      create: async (name) => (await read<{ org: Organization }>('POST', '/orgs/', { body: { name } })).org,
      async invite(orgId, username) {
        await request('POST', `/orgs/${encodeURIComponent(orgId)}/invite`, { body: { username } });
      },
      me: () => read('GET', '/orgs/me'),
      members: () => read('GET', '/orgs/me/members'),
    },
    workers: { list: () => read('GET', '/jobs/workers') },
  };
}

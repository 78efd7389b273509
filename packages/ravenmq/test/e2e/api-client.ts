/** A plain caller of the REST API for tests: one function that sends, and the few steps that every test begins with. */
import { randomBytes } from 'node:crypto';
import { eventually } from '../eventually.ts';
import type { System } from './system.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are judged by the tests, field by field
export type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body when it is JSON, else undefined. */
  body: Json;
}

export interface Caller {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Account extends Caller {
  id: string;
  username: string;
  password: string;
  token: string;
}

export interface Member extends Account {
  orgId: string;
}

/** Sends to `baseUrl`; with a token as its owner, without one anonymously. A string body is sent as it is. */
export function caller(baseUrl: string, token?: string): Caller {
  const send: Caller['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(baseUrl + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The answer's body; throws with the whole answer when the status is another. */
export function expectStatus(status: number, answer: Answer): Json {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${answer.text.slice(0, 500)}`);
  return answer.body;
}

export const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(5).toString('hex')}`;

/** Settings under which a test may register as many users as it likes. */
export const manySignIns = { RAVENMQ_REGISTER_PER_MINUTE: '100000', RAVENMQ_LOGIN_PER_MINUTE: '100000' };

/** A new user without an organization, or with the given name. */
export async function register(system: System, username: string = uniqueName('user')): Promise<Account> {
  const password = 'correct horse';
  const body = expectStatus(201, await caller(system.baseUrl).post('/auth/register', { username, password }));
  return {
    ...caller(system.baseUrl, body.token),
    id: body.user.id,
    username,
    password,
    token: body.token,
  };
}

/** A new user with a new organization, its org_admin, with the token from before the organization existed. */
export async function foundOrganization(system: System): Promise<Member> {
  const founder = await register(system);
  const { org } = expectStatus(201, await founder.post('/orgs/', { name: uniqueName('org') }));
  return { ...founder, orgId: org.id };
}

/** A new user whom `admin` invited into their organization. */
export async function inviteMember(system: System, admin: Member): Promise<Member> {
  const member = await register(system);
  const invited = await admin.post(`/orgs/${admin.orgId}/invite`, { username: member.username });
  expectStatus(200, invited);
  return { ...member, orgId: admin.orgId };
}

/** The administrator whom the system made on its first start. */
export async function signInAsAdmin(system: System): Promise<Account> {
  const username = system.adminUsername;
  const password = system.adminPassword;
  const body = expectStatus(200, await caller(system.baseUrl).post('/auth/login', { username, password }));
  return { ...caller(system.baseUrl, body.token), id: body.user.id, username, password, token: body.token };
}

/** A job that does real work and ends `done`. */
export const echoJob = (name = 'echo', ...words: string[]) => ({
  name,
  type: 'shell',
  payload: { argv: ['/bin/echo', ...(words.length > 0 ? words : ['hello'])] },
});

/** A job of a type that no worker has a handler for: it stays `queued`. */
export const waitingJob = (name = 'waiting') => ({ name, type: 'nobody-runs-this', payload: {} });

export async function submit(as: Caller, job: object): Promise<Json> {
  return expectStatus(201, await as.post('/jobs/', job));
}

/** The job once it has one of the statuses. */
export function jobWith(as: Caller, id: string, ...statuses: string[]): Promise<Json> {
  return eventually(
    async () => {
      const job = expectStatus(200, await as.get(`/jobs/${id}`));
      return statuses.includes(job.status) ? job : undefined;
    },
    { timeoutMs: 30_000, everyMs: 20 },
  );
}

/** Submits and waits until the job has ended, whichever way. */
export async function run(as: Caller, job: object): Promise<Json> {
  return jobWith(as, (await submit(as, job)).id, 'done', 'failed', 'cancelled');
}

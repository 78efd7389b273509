/** Plain HTTP against the API, for tests that want to see exactly what goes over the wire. */

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
  headers: Headers;
}

export interface Person {
  username: string;
  id: string;
  token: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export async function call(
  baseUrl: string,
  method: string,
  path: string,
  { body, headers = {}, token }: { body?: unknown; headers?: Record<string, string>; token?: string } = {},
): Promise<Answer> {
  const response = await fetch(baseUrl + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

function person(baseUrl: string, username: string, answer: Answer): Person {
  const { token, user } = answer.body;
  return {
    username,
    id: user.id,
    token,
    call: (method, path, body, headers) =>
      call(baseUrl, method, path, {
        token,
        ...(body !== undefined && { body }),
        ...(headers && { headers }),
      }),
  };
}

let made = 0;

/** Registers somebody new. */
export async function register(baseUrl: string): Promise<Person> {
  const username = `person_${process.pid}_${++made}`;
  const answer = await call(baseUrl, 'POST', '/auth/register', { body: { username, password: 'secret-1' } });
  if (answer.status !== 201) throw new Error(`register: ${answer.status} ${JSON.stringify(answer.body)}`);
  return person(baseUrl, username, answer);
}

export async function login(baseUrl: string, username: string, password: string): Promise<Person> {
  const answer = await call(baseUrl, 'POST', '/auth/login', { body: { username, password } });
  if (answer.status !== 200) throw new Error(`login: ${answer.status}`);
  return person(baseUrl, username, answer);
}

/** An organization with its founder and one more member. */
export async function organization(
  baseUrl: string,
): Promise<{ id: string; founder: Person; member: Person }> {
  const founder = await register(baseUrl);
  const answer = await founder.call('POST', '/orgs/', { name: `org of ${founder.username}` });
  const member = await register(baseUrl);
  await founder.call('POST', `/orgs/${answer.body.org.id}/invite`, { username: member.username });
  return { id: answer.body.org.id, founder, member };
}

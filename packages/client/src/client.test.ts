import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createClient, RavenError } from './index.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

interface Seen {
  method: string | undefined;
  url: string | undefined;
  authorization: string | undefined;
  body: Record<string, unknown> | undefined;
}

/** A real HTTP server that notes what it is asked and answers what it is told to. */
async function serve(
  answer: (n: number, response: ServerResponse) => void,
): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method, url } = request;
    const { authorization } = request.headers;
    seen.push({ method, url, authorization, body: text ? JSON.parse(text) : undefined });
    answer(seen.length, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, seen };
}

const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

test('signing in gives the token to later requests', async () => {
  const { url, seen } = await serve((n, response) =>
    json(response, 200, n === 1 ? { token: 'abc', user: { id: '1', username: 'ann', role: 'user' } } : []),
  );
  const client = createClient({ url: `${url}/` });

  expect(await client.auth.login({ username: 'ann', password: 'secret' })).toMatchObject({ username: 'ann' });
  await client.workers.list();

  expect(seen.map((request) => request.authorization)).toEqual([undefined, 'Bearer abc']);
});

test('a submission is repeated with the same idempotency key until it is answered', async () => {
  const { url, seen } = await serve((n, response) => {
    if (n === 1) response.destroy();
    else if (n === 2) json(response, 503, { detail: 'starting' }, { 'retry-after': '0' });
    else json(response, 201, { id: 'j1', status: 'queued' });
  });

  const job = await createClient({ url }).jobs.submit({ name: 'a', type: 'b', payload: {} });

  expect(job.id).toBe('j1');
  expect(seen).toHaveLength(3);
  expect(new Set(seen.map((request) => request.body?.idempotency_key)).size).toBe(1);
});

test('what the API refuses is thrown with its code and not repeated', async () => {
  const { url, seen } = await serve((_, response) =>
    json(response, 404, { code: 'not_found', detail: 'There is no such job.', request_id: 'r1' }),
  );

  const failure = await createClient({ url })
    .jobs.get('x')
    .catch((error) => error);

  expect(failure).toBeInstanceOf(RavenError);
  expect(failure).toMatchObject({ status: 404, code: 'not_found', requestId: 'r1', retryable: false });
  expect(failure.message).toContain('There is no such job.');
  expect(seen).toHaveLength(1);
});

test('a change that is not repeatable is not sent twice', async () => {
  const { url, seen } = await serve((_, response) => json(response, 503, {}));
  await expect(createClient({ url }).orgs.create('acme')).rejects.toMatchObject({
    status: 503,
    retryable: true,
  });
  expect(seen).toHaveLength(1);
});

test('a list follows the links of its pages', async () => {
  const { url, seen } = await serve((n, response) =>
    n === 1
      ? json(response, 200, [{ id: 'b' }], { link: '</jobs/?status=done&before=b>; rel="next"' })
      : json(response, 200, [{ id: 'a' }]),
  );
  const ids: string[] = [];
  for await (const job of createClient({ url }).jobs.list({ status: 'done', labels: { team: 'x' } }))
    ids.push(job.id);

  expect(ids).toEqual(['b', 'a']);
  expect(seen[0]?.url).toBe('/jobs/?status=done&label.team=x');
});

test('waiting ends with the job, or with a timeout that says where it stands', async () => {
  const { url } = await serve((n, response) =>
    json(response, 200, { id: 'j', status: n < 3 ? 'running' : 'done' }),
  );
  const client = createClient({ url });
  expect((await client.jobs.wait('j')).status).toBe('done');

  const never = await serve((_, response) => json(response, 200, { id: 'j', status: 'queued' }));
  await expect(createClient({ url: never.url }).jobs.wait('j', { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'timeout',
  });
});

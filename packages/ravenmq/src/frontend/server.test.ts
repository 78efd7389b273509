import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { silentLogger } from '../log.ts';
import { createFrontend } from './server.ts';

/** A frontend before a stand-in for the API. */
async function before(
  api: (request: IncomingMessage, response: ServerResponse) => void,
  trustProxy: string[] = [],
): Promise<string> {
  const server = createServer(api);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await mkdtemp(join(tmpdir(), 'ravenmq-frontend-'));
  await writeFile(join(folder, 'index.html'), '<script>go()</script>page');
  const frontend = await createFrontend({
    host: '127.0.0.1',
    port: 0,
    apiUrl: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    trustProxy,
    log: silentLogger,
    dashboardDir: folder,
  });
  const { url } = await frontend.start();
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await frontend.stop();
    await rm(folder, { recursive: true });
  });
  return url;
}

const bodyOf = async (request: IncomingMessage) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

test('serves the pages with their policy and passes the rest on as it comes', async () => {
  const url = await before(async (request, response) => {
    const body = await bodyOf(request);
    response.statusCode = 201;
    response.setHeader('x-request-id', 'r1');
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        type: request.headers['content-type'],
        body,
      }),
    );
  });
  const page = await fetch(`${url}/`);
  expect([page.status, new URL(page.url).pathname, await page.text()]).toEqual([
    200,
    '/ui/',
    '<script>go()</script>page',
  ]);
  expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-/);

  const answer = await fetch(`${url}/jobs/?status=done&status=failed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{ "not":  parsed }',
  });
  expect([answer.status, answer.headers.get('x-request-id'), await answer.json()]).toEqual([
    201,
    'r1',
    {
      method: 'POST',
      url: '/jobs/?status=done&status=failed',
      type: 'application/json',
      body: '{ "not":  parsed }',
    },
  ]);
});

test('a stream arrives while it goes on, and ends at the API when the browser leaves', async () => {
  let left = false;
  const url = await before((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    request.on('close', () => (left = true));
  });
  const leave = new AbortController();
  const stream = await fetch(`${url}/events`, { signal: leave.signal });
  const { value } = await (stream.body as ReadableStream<Uint8Array>).getReader().read();
  expect(new TextDecoder().decode(value)).toBe('data: 1\n\n');
  expect(left).toBe(false);
  leave.abort();
  await eventually(() => left);
});

test('the API hears who really connected', async () => {
  const echo = (request: IncomingMessage, response: ServerResponse) =>
    void response.end(request.headers['x-forwarded-for']);
  const claim = { headers: { 'x-forwarded-for': '203.0.113.9' } };
  expect(await (await fetch(`${await before(echo)}/health`, claim)).text()).toBe('127.0.0.1');
  expect(await (await fetch(`${await before(echo, ['127.0.0.1'])}/health`, claim)).text()).toBe(
    '203.0.113.9, 127.0.0.1',
  );
});

test('an API that is away is a 502 in the form of its errors, at once and once', async () => {
  let calls = 0;
  const url = await before((request) => {
    calls++;
    request.socket.destroy();
  });
  const answer = await fetch(`${url}/jobs/`);
  expect(answer.status).toBe(502);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(await answer.json()).toMatchObject({ status: 502, title: 'The API does not answer' });
  expect(calls).toBe(1);
});

test('the API sees the host that the browser named, so that its check of the origin holds', async () => {
  const url = await before((request, response) => response.end(request.headers.host));
  const answer = await fetch(`${url}/auth/session`, { method: 'POST', headers: { origin: url } });
  expect(await answer.text()).toBe(new URL(url).host);
});

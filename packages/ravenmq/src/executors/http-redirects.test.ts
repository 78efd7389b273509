import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { errorOf, executor, serve, textOf } from './http-test-server.ts';
import { NonRetryable } from './outcome.ts';

test.each([
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.1/',
  'http://[::1]:1/',
  'http://metadata.google.internal/',
  'http://2130706433/',
  'http://name:word@example.com/',
  'file:///etc/passwd',
  'gopher://example.com/',
])('a redirect to %s is refused', async (location) => {
  const { port } = await serve((request, response) => {
    response.writeHead(302, { location: request.url === '/1' ? '/2' : location }).end();
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  expect(await errorOf(run({ url: `http://127.0.0.1:${port}/1` }))).toBeInstanceOf(NonRetryable);
});

test('a redirect to another port of an allowed host is refused', async () => {
  const other = await serve((_request, response) => response.end('inside'));
  const { port } = await serve((_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${other.port}/` }).end(),
  );
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  expect(await errorOf(run({ url: `http://127.0.0.1:${port}/` }))).toBeInstanceOf(NonRetryable);
});

test('five redirects are followed and a sixth is not', async () => {
  const { port } = await serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('there');
    else response.writeHead(302, { location: `/${left - 1}` }).end('gone');
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  expect(await run({ url: `http://127.0.0.1:${port}/5` })).toMatchObject({ status: 200, body: 'there' });
  expect((await errorOf(run({ url: `http://127.0.0.1:${port}/6` }))).message).toContain(
    'more than 5 redirects',
  );
});

test('a redirect that is the expected status is stored and not followed', async () => {
  const { port } = await serve((_request, response) => response.writeHead(302, { location: '/x' }).end());
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  const result = await run({ url: `http://127.0.0.1:${port}/`, expected_status: 302 });

  expect(result).toMatchObject({ status: 302, headers: { location: '/x' } });
});

test('credentials stay with the origin they were given for', async () => {
  const seen: IncomingMessage['headers'][] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers);
    response.end();
  });
  const { port } = await serve((request, response) => {
    seen.push(request.headers);
    const location = request.url === '/1' ? '/2' : `http://127.0.0.1:${other.port}/`;
    response.writeHead(307, { location }).end();
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`, `127.0.0.1:${other.port}`] });
  const headers = { Authorization: 'Bearer a', Cookie: 'b=c', 'X-Api-Key': 'd', 'X-Plain': 'e' };

  await run({ url: `http://127.0.0.1:${port}/1`, headers });

  expect(seen).toHaveLength(3);
  expect(seen[1]).toMatchObject({
    authorization: 'Bearer a',
    cookie: 'b=c',
    'x-api-key': 'd',
    'x-plain': 'e',
  });
  expect(seen[2]).toMatchObject({ 'x-plain': 'e' });
  for (const name of ['authorization', 'cookie', 'x-api-key']) expect(seen[2]).not.toHaveProperty(name);
});

test.each([
  [303, 'GET', ''],
  [302, 'GET', ''],
  [307, 'POST', 'data'],
])('after a %i a POST goes on as %s', async (status, method, body) => {
  const seen: unknown[] = [];
  const { port } = await serve(async (request, response) => {
    seen.push([request.method, await textOf(request)]);
    if (request.url === '/1') response.writeHead(status, { location: '/2' }).end();
    else response.end();
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  await run({ method: 'POST', url: `http://127.0.0.1:${port}/1`, body: 'data' });

  expect(seen).toEqual([
    ['POST', 'data'],
    [method, body],
  ]);
});

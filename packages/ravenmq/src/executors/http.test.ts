import { expect, test } from 'vitest';
import { errorOf, executor, serve, textOf } from './http-test-server.ts';
import { NonRetryable, RetryAfter } from './outcome.ts';
import { retryDelayMs } from './retry-after.ts';

test('a call stores status, chosen headers, body and duration, and sends the job’s identity', async () => {
  const seen: Record<string, unknown>[] = [];
  const { port } = await serve(async (request, response) => {
    seen.push({ ...request.headers, method: request.method, body: await textOf(request) });
    response.writeHead(201, { 'content-type': 'text/plain', etag: '"a"', 'set-cookie': 'secret=1' });
    response.end('he\0llo');
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  const result = await run({
    method: 'post',
    url: `http://127.0.0.1:${port}/a?b=c`,
    body: { x: [1] },
    headers: { 'X-Own': '1' },
  });

  expect(result).toMatchObject({ status: 201, body: 'hello', truncated: false });
  expect(result.headers).toMatchObject({ 'content-type': 'text/plain', etag: '"a"' });
  expect(JSON.stringify(result)).not.toContain('secret');
  expect(result.duration_ms).toBeGreaterThanOrEqual(0);
  expect(seen[0]).toMatchObject({
    method: 'POST',
    body: '{"x":[1]}',
    'content-type': 'application/json',
    'idempotency-key': 'job-1',
    'x-fence': '7',
    'x-attempt': '2',
    'x-own': '1',
  });
});

test('nothing private is called without an entry that allows it', async () => {
  let calls = 0;
  const { port } = await serve((_request, response) => {
    calls++;
    response.end();
  });
  const run = executor();

  for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]', '0.0.0.0', '127.1']) {
    expect(await errorOf(run({ url: `http://${host}:${port}/` }))).toBeInstanceOf(NonRetryable);
  }
  expect(calls).toBe(0);
});

test('a name server that alternates never leads to an address that was not checked', async () => {
  const reached: (string | undefined)[] = [];
  const { server, port } = await serve((_request, response) => response.end('ok'), '0.0.0.0');
  server.on('connection', (socket) => reached.push(socket.localAddress));
  let asked = 0;
  // 127.0.0.1 stands for the public address, 127.0.0.2 for the private one.
  const run = executor({
    allowPrivate: ['127.0.0.1/32'],
    resolve: async () => [{ address: asked++ % 2 === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }],
  });
  let refused = 0;

  for (let count = 0; count < 400; count++) {
    await run({ url: `http://rebind.example.com:${port}/` }).catch((error) => {
      expect(error).toBeInstanceOf(NonRetryable);
      refused++;
    });
  }

  expect(refused).toBe(200);
  expect(asked).toBe(400);
  expect(reached).toHaveLength(200);
  expect(new Set(reached)).toEqual(new Set(['127.0.0.1']));
});

test('an unexpected status fails with the start of the body and can be retried', async () => {
  const { port } = await serve((request, response) => {
    response.writeHead(Number(request.url?.slice(1))).end(`because ${'x'.repeat(1000)}`);
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  for (const status of [400, 404, 500, 503]) {
    const error = await errorOf(run({ url: `http://127.0.0.1:${port}/${status}` }));
    expect(error).not.toBeInstanceOf(NonRetryable);
    expect(error).not.toBeInstanceOf(RetryAfter);
    expect(error.message).toContain(`unexpected status ${status}: because x`);
    expect(error.message.length).toBeLessThan(700);
  }
  expect(await run({ url: `http://127.0.0.1:${port}/404`, expected_status: [200, 404] })).toMatchObject({
    status: 404,
  });
});

test('429 and 503 with Retry-After say when to come back', async () => {
  const { port } = await serve((request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { 'retry-after': '17' }).end();
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  for (const status of [429, 503]) {
    const error = await errorOf(run({ url: `http://127.0.0.1:${port}/${status}` }));
    expect(error).toBeInstanceOf(RetryAfter);
    expect(error.delayMs).toBe(17_000);
  }
});

test('Retry-After is read as seconds or as a date, within a day', () => {
  const now = Date.parse('2030-01-01T00:00:00Z');

  expect(retryDelayMs('5', now)).toBe(5000);
  expect(retryDelayMs('Tue, 01 Jan 2030 00:01:00 GMT', now)).toBe(60_000);
  expect(retryDelayMs('Mon, 31 Dec 2029 00:00:00 GMT', now)).toBe(0);
  expect(retryDelayMs('99999999', now)).toBe(86_400_000);
  expect(retryDelayMs('soon', now)).toBeUndefined();
  expect(retryDelayMs(undefined, now)).toBeUndefined();
});

test('a payload that came around the API is checked again', async () => {
  const run = executor();

  for (const payload of [
    { url: 'http://example.com', headers: { 'x-a': 'b\r\nhost: c' } },
    { url: { href: 'http://example.com' } },
    {},
  ]) {
    expect(await errorOf(run(payload))).toBeInstanceOf(NonRetryable);
  }
});

test('a refused connection is told with the origin and without path and query', async () => {
  const { server, port } = await serve(() => {});
  await new Promise((resolve) => server.close(resolve));
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  const error = await errorOf(run({ url: `http://127.0.0.1:${port}/path?token=abc` }));

  expect(error.message).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  expect(error.message).not.toContain('token');
});

import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { errorOf, executor, serve } from './http-test-server.ts';

test('compressed answers are read', async () => {
  const { port } = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('plain text'));
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  expect(await run({ url: `http://127.0.0.1:${port}/` })).toMatchObject({
    body: 'plain text',
    truncated: false,
  });
  expect(await run({ method: 'HEAD', url: `http://127.0.0.1:${port}/` })).toMatchObject({ body: '' });
});

test('a decompression bomb is cut at 1 MB and the connection destroyed', async () => {
  let sent = 0;
  let destroyed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    destroyed = resolve;
  });
  const zeros = Buffer.alloc(1024 * 1024);
  const { port } = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.on('close', destroyed);
    const endless = Readable.from(
      (function* () {
        for (; sent < 10_000; sent++) yield zeros;
      })(),
    );
    endless.pipe(createGzip()).pipe(response);
    response.on('close', () => endless.destroy());
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  const result = await run({ url: `http://127.0.0.1:${port}/` });
  await closed;

  expect(result).toMatchObject({ status: 200, truncated: true });
  expect(sent).toBeLessThan(1000);
});

test('an endless body is cut, and a large one fits the limit of a result', async () => {
  const { port } = await serve((request, response) => {
    if (request.url === '/control') response.end('\u0001'.repeat(200_000));
    else new Readable({ read() { this.push('x'.repeat(10_000)); } }).pipe(response); // biome-ignore format: one line
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  const endless = await run({ url: `http://127.0.0.1:${port}/` });
  const control = await run({ url: `http://127.0.0.1:${port}/control` });

  expect(endless).toMatchObject({ truncated: true, body: 'x'.repeat(64 * 1024) });
  expect(control).toMatchObject({ truncated: true });
  expect(JSON.stringify(control).length).toBeLessThan(200_000);
});

test('an answer that drips is broken off at the deadline', async () => {
  const { port } = await serve((_request, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(drip));
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });
  const startedAt = performance.now();

  const error = await errorOf(run({ url: `http://127.0.0.1:${port}/`, timeout_ms: 300 }));

  expect(error.message).toContain('no complete answer within 300 ms');
  expect(performance.now() - startedAt).toBeLessThan(3000);
});

test('no answer at all, and a name server that does not answer, end at the deadline too', async () => {
  const { port } = await serve(() => {});
  const silent = executor({ allowPrivate: [`127.0.0.1:${port}`] });
  const lost = executor({ resolve: () => new Promise(() => {}) });

  expect((await errorOf(silent({ url: `http://127.0.0.1:${port}/`, timeout_ms: 100 }))).message).toContain(
    '100 ms',
  );
  expect((await errorOf(lost({ url: 'http://example.com/', timeout_ms: 100 }))).message).toContain('100 ms');
});

test('an abort breaks the call off with its reason and closes the connection', async () => {
  const stop = new AbortController();
  let closed: () => void = () => {};
  const wasClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const { port } = await serve((_request, response) => {
    response.on('close', closed);
    stop.abort(new Error('cancelled by somebody'));
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  const error = await errorOf(run({ url: `http://127.0.0.1:${port}/` }, stop.signal));

  expect(error.message).toBe('cancelled by somebody');
  await wasClosed;
});

test('a header bomb fails the attempt', async () => {
  const { port } = await serve((_request, response) => {
    for (let count = 0; count < 64; count++) response.setHeader(`x-${count}`, 'y'.repeat(1024));
    response.end();
  });
  const run = executor({ allowPrivate: [`127.0.0.1:${port}`] });

  expect((await errorOf(run({ url: `http://127.0.0.1:${port}/` }))).message).toMatch(/header/i);
});

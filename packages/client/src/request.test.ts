import { expect, test } from 'vitest';
import { json, serve } from '../test/api.ts';
import { createClient, RavenError } from './index.ts';

const job = { name: 'a', type: 'b', payload: {} };

test('a submission is repeated with the same idempotency key until it is answered', async () => {
  const { url, seen } = await serve((n, response) => {
    if (n === 1) response.destroy();
    else if (n === 2) json(response, 503, { detail: 'starting' }, { 'retry-after': '0' });
    else json(response, 201, { id: 'j1', status: 'queued' });
  });

  expect((await createClient({ url }).jobs.submit(job)).id).toBe('j1');

  const keys = seen.map((request) => request.headers['idempotency-key']);
  expect(keys).toHaveLength(3);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(keys).size).toBe(1);
});

test("the caller's own idempotency key is sent as it is", async () => {
  const { url, seen } = await serve((_, response) => json(response, 201, { id: 'j1' }));
  await createClient({ url }).jobs.submit({ ...job, idempotency_key: 'Bestellung №1' });

  expect(seen[0]?.body).toMatchObject({ idempotency_key: 'Bestellung №1' });
  expect(seen[0]?.headers['idempotency-key']).toBeUndefined();
});

test('an answer that breaks off is asked for again', async () => {
  const { url, seen } = await serve((n, response) => {
    if (n > 1) return json(response, 200, []);
    response.writeHead(200, { 'content-length': '100' }).write('[{');
    setImmediate(() => response.destroy());
  });
  expect(await createClient({ url }).workers.list()).toEqual([]);
  expect(seen).toHaveLength(2);
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

test('what was turned away as too much is sent again after the pause that was asked for', async () => {
  const { url, seen } = await serve((n, response) =>
    n === 1
      ? json(response, 429, { code: 'too_many_requests' }, { 'retry-after': '1' })
      : json(response, 201, { org: { id: 'o', name: 'acme' } }),
  );
  const before = performance.now();
  expect((await createClient({ url }).orgs.create('acme')).id).toBe('o');
  expect(performance.now() - before).toBeGreaterThan(1_000);
  expect(seen).toHaveLength(2);
});

test('a pause of many minutes is left to the caller', async () => {
  const { url } = await serve((_, response) => json(response, 429, {}, { 'retry-after': '600' }));
  await expect(createClient({ url }).workers.list()).rejects.toMatchObject({
    code: 'http_429',
    retryAfterMs: 600_000,
  });
});

test('a signal ends the pause between tries', async () => {
  const { url, seen } = await serve((_, response) => json(response, 429, {}, { 'retry-after': '60' }));
  const controller = new AbortController();
  const asked = createClient({ url }).workers.list({ signal: controller.signal });
  await expect.poll(() => seen.length).toBe(1);
  controller.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
});

test('an API that does not answer in time, or is not there, or is something else', async () => {
  const silent = await serve(() => {});
  await expect(
    createClient({ url: silent.url, timeoutMs: 30, retries: 0 }).workers.list(),
  ).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining('no answer within 30 ms') });

  await expect(createClient({ url: 'http://127.0.0.1:1', retries: 0 }).workers.list()).rejects.toMatchObject({
    code: 'unreachable',
    retryable: true,
  });

  const page = await serve((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>'),
  );
  await expect(createClient({ url: page.url }).workers.list()).rejects.toMatchObject({
    code: 'not_json',
    retryable: false,
  });
});

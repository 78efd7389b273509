import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';

test('whatever is wrong with a request is answered as a problem, never as an error of ours', async ({
  db,
}) => {
  const api = await anApi(db);
  const { headers } = await signedUp(api, 'someone');
  const json = { ...headers, 'content-type': 'application/json' };
  const deep = `{"name":"x","type":"mine","payload":{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`;
  const post = (payload: string, type = 'application/json') => ({
    method: 'POST' as const,
    url: '/jobs',
    headers: { ...json, 'content-type': type },
    payload,
  });
  const requests: [number, object][] = [
    [422, post(deep)],
    [400, post('{"name":')],
    [400, post('{"name":"x","type":"mine","payload":{"__proto__":{}}}')],
    [400, post('<a/>', 'text/xml')],
    [413, post(`"${'x'.repeat(2_000_000)}"`)],
    [422, post('{"name":"x","type":"mine","payload":{},"org_id":"x"}')],
    [401, { url: '/jobs' }],
    [404, { url: '/nothing', headers }],
    [400, { url: '/jobs/%E0%A4%A', headers }],
    [404, { url: `/jobs/${'a'.repeat(300)}`, headers }],
    [401, { method: 'POST', url: '/auth/login', payload: { username: 'a\0', password: 'x' } }],
  ];
  for (const [status, request] of requests) {
    const answer = await api.app.inject(request);
    expect([answer.statusCode, answer.headers['content-type']], answer.body.slice(0, 300)).toEqual([
      status,
      'application/problem+json',
    ]);
    expect(answer.json()).toMatchObject({ status, code: expect.any(String), request_id: expect.any(String) });
  }
  await api.stop();
});

test('the metrics answer near callers without a token, but not whom a proxy passes on', async ({ db }) => {
  const api = await anApi(db);
  const scrape = async (remoteAddress: string, headers: Record<string, string> = {}) =>
    (await api.app.inject({ url: '/metrics', remoteAddress, headers })).statusCode;
  expect(await scrape('127.0.0.1')).toBe(200);
  expect(await scrape('172.18.0.5')).toBe(200);
  expect(await scrape('203.0.113.9')).toBe(401);
  expect(await scrape('172.18.0.5', { 'x-forwarded-for': '203.0.113.9' })).toBe(401);
  await api.stop();
});

test('configured origins may use every method, others get no permission', async ({ db }) => {
  const api = await anApi(db, { corsOrigins: ['https://ours.example'] });
  const preflight = async (origin: string) =>
    (
      await api.app.inject({
        method: 'OPTIONS',
        url: '/queues/default',
        headers: { origin, 'access-control-request-method': 'PUT' },
      })
    ).headers;
  const ours = await preflight('https://ours.example');
  expect(ours['access-control-allow-origin']).toBe('https://ours.example');
  expect(ours['access-control-allow-methods']).toContain('PUT');
  expect(ours['access-control-allow-methods']).toContain('DELETE');
  expect((await preflight('https://evil.example'))['access-control-allow-origin']).toBeUndefined();
  await api.stop();
});

test('a list from before all time is a list of everything', async ({ db }) => {
  const api = await anApi(db);
  const { headers } = await signedUp(api, 'someone');
  const body = { name: 'x', type: 'mine', payload: {} };
  await api.app.inject({ method: 'POST', url: '/jobs', headers, payload: body });
  const answer = await api.app.inject({ url: '/jobs?created_after=1960-01-01T00:00:00Z', headers });
  expect(answer.json()).toHaveLength(1);
  await api.stop();
});

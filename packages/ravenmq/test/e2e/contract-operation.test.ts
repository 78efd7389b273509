/** What operators look at: health, metrics, the API description, workers, leader, CORS. */
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import {
  type Account,
  type Caller,
  caller,
  echoJob,
  expectStatus,
  foundOrganization,
  inviteMember,
  type Json,
  manySignIns,
  register,
  run,
  signInAsAdmin,
  submit,
  waitingJob,
} from './api-client.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let closed: System;
let anyone: Caller;
let everyRole: Account[];
let user: Account;
beforeAll(async () => {
  system = await startSystem({ ...manySignIns, RAVENMQ_CORS_ORIGINS: 'https://app.example' });
  closed = await startSystem({ ...manySignIns, RAVENMQ_METRICS_PUBLIC: 'false' });
  anyone = caller(system.baseUrl);
  const founder = await foundOrganization(system);
  user = await register(system);
  everyRole = [await signInAsAdmin(system), founder, await inviteMember(system, founder), user];
  await run(user, echoJob());
  await submit(user, waitingJob());
});
afterAll(() => Promise.all([system?.stop(), closed?.stop()]));

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

test.each(['/health', '/health/'])('GET %s answers ok without a token', async (path) => {
  const answer = await anyone.get(path);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ status: 'ok' });
});

test('a path that does not exist answers 404, a method that does not 404 or 405', async () => {
  expect((await user.get('/no-such-path')).status).toBe(404);
  expect([404, 405]).toContain((await user.send('DELETE', '/jobs/')).status);
});

describe('the workers', () => {
  test.each(['/jobs/workers', '/jobs/workers/'])('are shown to every user at %s', async (path) => {
    for (const one of everyRole) {
      const workers = expectStatus(200, await one.get(path));
      expect(workers).toHaveLength(1);
      expect(workers[0]).toMatchObject({
        worker_id: expect.stringContaining(hostname()),
        hostname: hostname(),
        started_at: expect.stringMatching(rfc3339),
        last_seen: expect.stringMatching(rfc3339),
        jobs_processed: expect.any(Number),
        status: 'active',
        seconds_since_heartbeat: expect.any(Number),
      });
      expect(workers[0].seconds_since_heartbeat).toBeGreaterThanOrEqual(0);
      expect(workers[0].seconds_since_heartbeat).toBeLessThan(15);
    }
  });

  test('give a sign of life every 5 s and count what they ran', async () => {
    const worker = async () => expectStatus(200, await user.get('/jobs/workers'))[0];
    const before = await worker();
    await run(user, echoJob());
    const after = await eventually(async () => {
      const now = await worker();
      return now.last_seen > before.last_seen && now.jobs_processed > before.jobs_processed && now;
    });
    expect(after.worker_id).toBe(before.worker_id);
    expect(after.started_at).toBe(before.started_at);
  });
});

test.each(['/jobs/scheduler/leader', '/analytics/scheduler-leader', '/jobs/scheduler/leader/'])(
  'the leader is shown to every user at %s',
  async (path) => {
    for (const one of everyRole) {
      const leader = expectStatus(200, await one.get(path));
      expect(leader).toMatchObject({
        worker_id: expect.stringContaining(hostname()),
        elected_at: expect.stringMatching(rfc3339),
        last_seen: expect.stringMatching(rfc3339),
        seconds_since_heartbeat: expect.any(Number),
        status: 'active',
      });
      expect(leader.seconds_since_heartbeat).toBeGreaterThanOrEqual(0);
      expect(leader.seconds_since_heartbeat).toBeLessThan(5);
    }
  },
);

describe('the metrics', () => {
  const sample =
    /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*",?)*\})? (-?[0-9.e+-]+|NaN|[+-]?Inf)$/;

  test('are Prometheus text, for whoever asks on this machine', async () => {
    const answer = await anyone.get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const typed = [...answer.text.matchAll(/^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/gm)];
    const names = typed.map((match) => match[1] as string);
    expect(new Set(names).size).toBe(names.length);
    for (const line of answer.text.split('\n').filter((text) => text !== '' && !text.startsWith('#'))) {
      expect(line).toMatch(sample);
      expect(
        names.some((name) => line.startsWith(name)),
        line,
      ).toBe(true);
    }
  });

  test.each([
    ['queue depth', /^\w*queue_depth(\{.*\})? 1$/m],
    ['worker count', /^\w*workers?\w*(\{.*\})? 1$/m],
    ['prediction error', /^\w*mape\w*(\{.*\})? [0-9.]+$/m],
    ['jobs by type and status', /^\w*jobs\w*\{(?=.*type="shell")(?=.*status="done").*\} [1-9]\d*$/m],
    [
      'job duration by type',
      /^\w*job\w*duration\w*_bucket\{(?=.*type="shell")(?=.*le="\+Inf").*\} [1-9]\d*$/m,
    ],
    ['sum of job durations', /^\w*job\w*duration\w*_sum\{.*type="shell".*\} 0\.\d+$/m],
    ['HTTP requests', /^\w*http\w*requests?\w*\{.*\} \d+$/m],
    ['HTTP durations', /^\w*http\w*duration\w*_bucket\{.*\} \d+$/m],
  ])('tell the %s', async (_, line) => {
    const text = () => anyone.get('/metrics').then((answer) => answer.text);
    await eventually(async () => line.test(await text()), { timeoutMs: 15_000, everyMs: 100 });
  });

  test('need a token when they are not public', async () => {
    const admin = await signInAsAdmin(closed);
    expect((await caller(closed.baseUrl).get('/metrics')).status).toBe(401);
    expect((await caller(closed.baseUrl, 'garbage').get('/metrics')).status).toBe(401);
    const answer = await admin.get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^# TYPE/m);
  });

  test('do not grow with what people ask for', async () => {
    for (let n = 0; n < 5; n++) await user.get(`/jobs/${crypto.randomUUID()}`);
    for (let n = 0; n < 5; n++) await anyone.get(`/made-up-${n}`);
    const { text } = await anyone.get('/metrics');
    expect(text).not.toMatch(/made-up/);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/);
  });
});

describe('the API description', () => {
  const paths: [string, string[]][] = [
    ['/auth/register', ['post']],
    ['/auth/login', ['post']],
    ['/auth/users', ['get']],
    ['/jobs', ['get', 'post']],
    ['/jobs/{id}', ['get']],
    ['/jobs/{id}/cancel', ['post']],
    ['/jobs/{id}/retry', ['post']],
    ['/jobs/bulk', ['post']],
    ['/jobs/workers', ['get']],
    ['/jobs/scheduler/leader', ['get']],
    ['/orgs', ['post']],
    ['/orgs/{id}/invite', ['post']],
    ['/orgs/me', ['get']],
    ['/orgs/me/members', ['get']],
    ['/analytics/summary', ['get']],
    ['/analytics/throughput', ['get']],
    ['/analytics/prediction-accuracy', ['get']],
    ['/analytics/queue-depth', ['get']],
    ['/analytics/scheduler-leader', ['get']],
    ['/metrics', ['get']],
    ['/health', ['get']],
  ];

  test('is OpenAPI 3.1, public, and lists every path and method', async () => {
    const description = expectStatus(200, await anyone.get('/openapi.json'));
    expect(description.openapi).toMatch(/^3\.1\.\d+$/);
    for (const [path, methods] of paths) {
      const listed: Json = description.paths[path] ?? description.paths[`${path}/`] ?? {};
      expect(Object.keys(listed), path).toEqual(expect.arrayContaining(methods));
    }
  });
});

describe('a browser of', () => {
  const preflight = (origin: string) =>
    anyone.send('OPTIONS', '/jobs/', undefined, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });

  test('a configured origin may call', async () => {
    expect((await preflight('https://app.example')).headers.get('access-control-allow-origin')).toBe(
      'https://app.example',
    );
  });

  test('any other origin may not', async () => {
    for (const origin of ['https://evil.example', 'https://app.example.evil.example', 'null']) {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      const answer = await user.get('/jobs/', { origin });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

/** What happens to a job after its submission: it runs, waits, is retried, cancelled, started again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import {
  type Account,
  echoJob,
  expectStatus,
  type Json,
  jobWith,
  manySignIns,
  register,
  run,
  submit,
  waitingJob,
} from './api-client.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let user: Account;
beforeAll(async () => {
  system = await startSystem(manySignIns);
  user = await register(system);
  await run(user, echoJob('warm up'));
});
afterAll(() => system?.stop());

const shell = (argv: string[], more: Json = {}) => ({
  name: argv.join(' ').slice(0, 64),
  type: 'shell',
  payload: { argv },
  ...more,
});
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('the built-in type', () => {
  test('http calls what it is told to', async () => {
    const job = await run(user, {
      name: 'health',
      type: 'http',
      payload: { url: `${system.baseUrl}/health` },
    });

    expect(job).toMatchObject({ status: 'done', error_msg: null, retry_count: 0, lease_expires_at: null });
    expect(JSON.stringify(job.result)).toMatch(/200/);
    expect(JSON.stringify(job.result)).toMatch(/status.*ok/);
    expect(Date.parse(job.started_at)).toBeGreaterThanOrEqual(Date.parse(job.created_at));
    expect(Date.parse(job.finished_at)).toBeGreaterThanOrEqual(Date.parse(job.started_at));
  });

  test('http fails when the answer is an error', async () => {
    const payload = { url: `${system.baseUrl}/no-such-path` };
    const job = await run(user, { name: 'missing', type: 'http', payload, max_retries: 0 });
    expect(job).toMatchObject({ status: 'failed', error_msg: expect.stringMatching(/404/) });
  });

  test('shell runs the program and keeps what it wrote', async () => {
    const job = await run(user, echoJob('greeting', 'hello', 'raven'));
    expect(job.status).toBe('done');
    expect(JSON.stringify(job.result)).toContain('hello raven');
  });

  test('etl turns files and URLs into files, and answers rows', async () => {
    const job = await run(user, {
      name: 'openapi paths',
      type: 'etl',
      payload: {
        sources: { api: { url: `${system.baseUrl}/openapi.json` } },
        steps: [
          {
            name: 'count',
            sql: 'create table paths as select unnest(json_keys(paths::json)) as path from api',
          },
        ],
        outputs: [{ file: 'paths.csv', query: 'from paths order by path' }],
        result: `select count(*)::int as n from paths where path like '/jobs/%'`,
      },
    });
    expect(job).toMatchObject({ status: 'done', error_msg: null });
    expect(job.result).toMatchObject({ outputs: [{ file: 'paths.csv', rows: expect.any(Number) }] });
    expect((job.result as { rows: { n: number }[] }).rows[0]?.n).toBeGreaterThan(3);
  });

  test('ml runs a training, keeps its metrics, log and artifacts', async () => {
    const script = `echo '{"step": 1, "loss": 0.5}'; echo learned; echo w >"$RAVENMQ_ARTIFACT_DIR/weights"`;
    const job = await run(user, { name: 'train', type: 'ml', payload: { argv: ['/bin/sh', '-c', script] } });
    expect(job).toMatchObject({ status: 'done', error_msg: null });
    expect(job.result).toMatchObject({ metrics: { loss: 0.5 }, artifacts: [{ name: 'weights', bytes: 2 }] });
    expect((await user.get(`/jobs/${job.id}/metrics`)).body).toMatchObject([
      { name: 'loss', step: 1, value: 0.5 },
    ]);
    expect((await user.get(`/jobs/${job.id}/logs`)).body).toMatchObject([
      { level: 'info', message: 'learned' },
    ]);
  });

  test.each(['etl', 'ml'])('%s with a payload that it cannot use is refused at submission', async (type) => {
    const answer = await user.post('/jobs/', { name: type, type, payload: { steps: 1 } });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('payload');
  });
});

test('a user-defined type is accepted and waits for a worker that has a handler', async () => {
  const job = await submit(user, waitingJob());
  await run(user, echoJob());
  expect((await user.get(`/jobs/${job.id}`)).body).toMatchObject({ status: 'queued', started_at: null });
});

test('an idle system picks a job up within 100 ms', async () => {
  const waits: number[] = [];
  for (let n = 0; n < 8; n++) {
    const job = await run(
      user,
      n % 2 === 0
        ? echoJob()
        : { name: 'health', type: 'http', payload: { url: `${system.baseUrl}/health` } },
    );
    waits.push(Date.parse(job.started_at) - Date.parse(job.created_at));
  }
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  expect(Math.min(...waits)).toBeLessThan(100);
});

describe('a running job', () => {
  test('is shown as running, with a lease of 30 s that is renewed', async () => {
    const { id } = await submit(user, shell(['/bin/sleep', '60']));
    const job = await jobWith(user, id, 'running');
    const ahead = Date.parse(job.lease_expires_at) - Date.now();
    expect(ahead).toBeGreaterThan(15_000);
    expect(ahead).toBeLessThan(31_000);
    expect(job).toMatchObject({ started_at: expect.any(String), finished_at: null });
    const listed = expectStatus(200, await user.get('/jobs/?status=running'));
    expect(listed.map((one: Json) => one.id)).toEqual([id]);

    await eventually(
      async () => (await user.get(`/jobs/${id}`)).body.lease_expires_at > job.lease_expires_at,
      { timeoutMs: 15_000, everyMs: 250 },
    );

    expect((await user.post(`/jobs/${id}/cancel`)).status).toBe(200);
    const ended = await jobWith(user, id, 'cancelled', 'done', 'failed');
    expect(ended).toMatchObject({
      status: 'cancelled',
      lease_expires_at: null,
      finished_at: expect.any(String),
    });
  });

  test('is ended by its timeout', async () => {
    const job = await run(user, shell(['/bin/sleep', '60'], { timeout_ms: 300, max_retries: 0 }));
    expect(job.status).toBe('failed');
    expect(job.error_msg).toMatch(/./);
  });
});

describe('a failing job', () => {
  test('is retried after a pause and then failed for good', async () => {
    const { id } = await submit(
      user,
      shell(['/bin/sh', '-c', 'echo broken >&2; exit 3'], { max_retries: 2 }),
    );
    const statuses = new Set<string>();
    let retries = 0;
    const failed = await eventually(
      async () => {
        const job = (await user.get(`/jobs/${id}`)).body;
        statuses.add(job.status);
        expect(job.retry_count).toBeGreaterThanOrEqual(retries);
        retries = job.retry_count;
        if (job.status === 'scheduled') {
          expect(Date.parse(job.run_at) - Date.now()).toBeLessThanOrEqual(60_000);
          expect(job.finished_at).toBeNull();
        }
        return job.status === 'failed' && job;
      },
      { timeoutMs: 60_000, everyMs: 5 },
    );

    expect(failed).toMatchObject({ retry_count: 2, finished_at: expect.any(String), lease_expires_at: null });
    expect(failed.error_msg).toMatch(/3|broken/);
    expect(statuses).toContain('scheduled');
    for (const status of statuses) expect(['queued', 'scheduled', 'running', 'failed']).toContain(status);
    const listed = expectStatus(200, await user.get('/jobs/?status=failed'));
    expect(listed.map((one: Json) => one.id)).toContain(id);
  });

  test('without retries fails at once', async () => {
    const job = await run(user, shell(['/bin/false'], { max_retries: 0 }));
    expect(job).toMatchObject({ status: 'failed', retry_count: 0, error_msg: expect.stringMatching(/./) });
  });

  test('has three retries when nothing is said', async () => {
    expect((await submit(user, waitingJob())).max_retries).toBe(3);
  });
});

test('a job for later is scheduled and runs when its time has come', async () => {
  const later = soon(1_200);
  const job = await submit(user, { ...echoJob('later'), run_at: later });
  expect(job.status).toBe('scheduled');
  const done = await jobWith(user, job.id, 'done', 'failed');
  expect(done.status).toBe('done');
  expect(Date.parse(done.started_at)).toBeGreaterThanOrEqual(Date.parse(later));
  expect(Date.parse(done.started_at) - Date.parse(later)).toBeLessThan(2_000);
});

describe('cancelling', () => {
  test.each([
    ['queued', '', {}],
    ['scheduled', '/', { run_at: soon(3_600_000) }],
  ])('a %s job ends it at once (path ends in "%s")', async (status, end, more) => {
    const job = await submit(user, { ...waitingJob(), ...more });
    expect(job.status).toBe(status);
    expect((await user.post(`/jobs/${job.id}/cancel${end}`)).status).toBe(200);
    const cancelled = (await user.get(`/jobs/${job.id}`)).body;
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      finished_at: expect.any(String),
      started_at: null,
    });
  });

  test('a job that has ended answers 409, one that does not exist 404', async () => {
    const done = await run(user, echoJob());
    expect((await user.post(`/jobs/${done.id}/cancel`)).status).toBe(409);
    expect((await user.get(`/jobs/${done.id}`)).body.status).toBe('done');
    expect((await user.post(`/jobs/${crypto.randomUUID()}/cancel`)).status).toBe(404);
  });
});

describe('a retry by hand', () => {
  test.each(['', '/'])('of a failed job runs it again under its id (path ends in "%s")', async (end) => {
    const job = await run(user, shell(['/bin/false'], { max_retries: 0 }));
    expect((await user.post(`/jobs/${job.id}/retry${end}`)).status).toBe(200);
    const again = await eventually(async () => {
      const now = (await user.get(`/jobs/${job.id}`)).body;
      return now.status === 'failed' && now.started_at > job.started_at && now;
    });
    expect(again.id).toBe(job.id);
  });

  test('of a waiting job answers 409, of one that does not exist 404', async () => {
    const waiting = await submit(user, waitingJob());
    expect((await user.post(`/jobs/${waiting.id}/retry`)).status).toBe(409);
    expect((await user.post(`/jobs/${crypto.randomUUID()}/retry`)).status).toBe(404);
  });
});

test('jobs of one concurrency key are accepted and all run', async () => {
  const jobs = Array.from({ length: 4 }, () => ({ ...echoJob('keyed'), concurrency_key: 'one' }));
  const submitted = expectStatus(201, await user.post('/jobs/bulk', { jobs }));
  for (const { id } of submitted) expect((await jobWith(user, id, 'done', 'failed')).status).toBe('done');
});

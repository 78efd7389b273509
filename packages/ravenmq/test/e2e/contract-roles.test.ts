/** The roles as processes of their own: replicas of the API share their limits, and each role can be missing. */
import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { type TestDatabase, test } from '../fixtures.ts';
import {
  caller,
  echoJob,
  expectStatus,
  type Json,
  jobWith,
  manySignIns,
  run,
  submit,
  uniqueName,
  waitingJob,
} from './api-client.ts';
import { type Process, startRole } from './processes.ts';

const common = {
  RAVENMQ_JWT_SECRET: randomBytes(32).toString('hex'),
  RAVENMQ_ADMIN_PASSWORD: 'the administrator',
  RAVENMQ_PORT: '0',
  RAVENMQ_PREDICTOR_PORT: '0',
  RAVENMQ_ALLOW_SHELL: 'true',
  RAVENMQ_SHELL_ALLOW: '*',
};

const urlOf = (process: Process) =>
  eventually(
    () => /"event":"listening".*?"url":"(http:[^"]+)"/.exec(process.log.join('\n'))?.[1]?.replace(/\/$/, ''),
    { timeoutMs: 30_000 },
  );

/** Starts the roles one after another, runs `body`, and kills whatever it started. */
async function withRoles(
  db: TestDatabase,
  env: Record<string, string>,
  body: (start: (role: string) => Process) => Promise<void>,
): Promise<void> {
  const started: Process[] = [];
  try {
    await body((role) => {
      const process = startRole(role, db, { ...common, ...env });
      started.push(process);
      return process;
    });
  } finally {
    await Promise.all(started.map((process) => process.kill()));
  }
}

async function newUser(baseUrl: string) {
  const body = { username: uniqueName('user'), password: 'secret' };
  const { token } = expectStatus(201, await caller(baseUrl).post('/auth/register', body));
  return { ...caller(baseUrl, token), token: token as string };
}

describe('two replicas of the API', () => {
  test('take the same tokens and see the same jobs', async ({ db }) => {
    await withRoles(db, manySignIns, async (start) => {
      const [first, second] = await Promise.all([urlOf(start('api')), urlOf(start('api'))]);
      const user = await newUser(first);
      const job = await submit(user, waitingJob());
      expect((await caller(second, user.token).get(`/jobs/${job.id}`)).body.id).toBe(job.id);
    });
  });

  test('both take the creator of an organization as its org_admin at once, with the token in hand', async ({
    db,
  }) => {
    await withRoles(db, manySignIns, async (start) => {
      const [first, second] = await Promise.all([urlOf(start('api')), urlOf(start('api'))]);
      const user = await newUser(first);
      const elsewhere = caller(second, user.token);
      expect((await elsewhere.get('/orgs/me')).status).toBe(404);

      expectStatus(201, await user.post('/orgs/', { name: uniqueName('org') }));

      expect((await elsewhere.get('/orgs/me')).status).toBe(200);
      expect((await elsewhere.get('/orgs/me/members')).status).toBe(200);
    });
  });

  test('count registrations and sign-ins together', async ({ db }) => {
    await withRoles(db, {}, async (start) => {
      const urls = await Promise.all([urlOf(start('api')), urlOf(start('api'))]);
      const alternately = async (path: string, times: number, body: () => Json) => {
        await eventually(() => new Date().getSeconds() < 45, { timeoutMs: 20_000, everyMs: 100 });
        const statuses: number[] = [];
        for (let n = 0; n < times; n++)
          statuses.push((await caller(urls[n % 2] as string).post(path, body())).status);
        return statuses;
      };
      const registrations = await alternately('/auth/register', 8, () => ({
        username: uniqueName('fast'),
        password: 'secret',
      }));
      const signIns = await alternately('/auth/login', 13, () => ({
        username: 'admin',
        password: common.RAVENMQ_ADMIN_PASSWORD,
      }));

      expect(registrations).toEqual([...Array(5).fill(201), 429, 429, 429]);
      expect(signIns).toEqual([...Array(10).fill(200), 429, 429, 429]);
    });
  });
});

test('an API alone answers, and gives priority 0.5 to what nobody has estimated', async ({ db }) => {
  await withRoles(db, manySignIns, async (start) => {
    const user = await newUser(await urlOf(start('api')));

    expect(await submit(user, waitingJob())).toMatchObject({ priority: 0.5, status: 'queued' });
    expect(await submit(user, echoJob())).toMatchObject({ priority: 0.5, status: 'queued' });
    expect(expectStatus(200, await user.get('/jobs/workers'))).toEqual([]);
    expect([200, 404]).toContain((await user.get('/jobs/scheduler/leader')).status);
    expect((await user.get('/analytics/summary')).status).toBe(200);
  });
});

test('jobs run without scheduler and predictor, and a late worker takes what waits', async ({ db }) => {
  await withRoles(db, manySignIns, async (start) => {
    const user = await newUser(await urlOf(start('api')));
    const waiting = await submit(user, echoJob('submitted first'));
    start('worker');

    expect(await jobWith(user, waiting.id, 'done', 'failed')).toMatchObject({ status: 'done' });
    expect(await run(user, echoJob('submitted later'))).toMatchObject({ status: 'done' });
  });
});

test('published estimates stay in use when the predictor is gone', async ({ db }) => {
  await withRoles(db, manySignIns, async (start) => {
    const user = await newUser(await urlOf(start('api')));
    const predictor = start('predictor');
    const predictorUrl = await urlOf(predictor);
    expect((await caller(predictorUrl).get('/health')).body).toMatchObject({ model_trained: false });
    start('worker');
    const learned = await eventually(
      async () => {
        const job = await run(user, echoJob());
        return job.predicted_runtime_ms < 500 && job;
      },
      { timeoutMs: 30_000 },
    );
    expect((await caller(predictorUrl).get('/health')).body).toMatchObject({ model_trained: true });

    await predictor.kill();

    const after = await run(user, echoJob());
    expect(after.status).toBe('done');
    expect(after.predicted_runtime_ms).toBeLessThan(500);
    expect(after.priority).toBeCloseTo(1 / (1 + after.predicted_runtime_ms / 3_000), 6);
    expect(learned.priority).toBeGreaterThan(0.85);
  });
});

test('a killed worker is shown as offline after 15 s, and a new one with the lifetime count of its name', async ({
  db,
}) => {
  await withRoles(db, manySignIns, async (start) => {
    const user = await newUser(await urlOf(start('api')));
    start('scheduler');
    const worker = start('worker');
    for (let n = 0; n < 3; n++) await run(user, echoJob());
    const workers = async () => expectStatus(200, await user.get('/jobs/workers'));
    const [before] = await eventually(async () => {
      const all: Json[] = await workers();
      return all[0]?.jobs_processed >= 3 ? all : undefined;
    });
    await worker.kill();
    const killed = Date.now();

    const dead = await eventually(
      async () => {
        const now = (await workers()).find((one: Json) => one.worker_id === before.worker_id);
        return now?.status === 'offline' && now;
      },
      { timeoutMs: 25_000, everyMs: 100 },
    );
    expect(dead.seconds_since_heartbeat).toBeGreaterThanOrEqual(15);
    expect(Date.now() - killed).toBeGreaterThan(9_000);

    start('worker');
    const next = await eventually(
      async () => (await workers()).find((one: Json) => one.status === 'active'),
      { timeoutMs: 20_000, everyMs: 100 },
    );
    expect(next.worker_id).not.toBe(before.worker_id);
    expect(next.hostname).toBe(before.hostname);
    expect(next.jobs_processed).toBeGreaterThanOrEqual(3);
  });
});

test('a leader that is gone is shown as stale', async ({ db }) => {
  await withRoles(db, manySignIns, async (start) => {
    const user = await newUser(await urlOf(start('api')));
    const scheduler = start('scheduler');
    const leader = async () => (await user.get('/jobs/scheduler/leader')).body;
    await eventually(async () => (await leader())?.status === 'active');

    await scheduler.kill();

    await eventually(async () => (await leader()).status === 'stale', { timeoutMs: 20_000, everyMs: 100 });
  });
});

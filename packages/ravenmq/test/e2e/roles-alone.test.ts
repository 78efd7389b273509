/** Every role as a process of its own, with what an orchestrator asks of it: probes, metrics, signals, health checks. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifestsOf, read } from '../../../../deploy/test/files.ts';
import { familyOf, metricsIn } from '../../../../deploy/test/metric-names.ts';
import { queries } from '../../../../deploy/test/monitoring.ts';
import { eventually } from '../eventually.ts';
import { freshDatabase } from '../fixtures.ts';
import { type Process, startRole } from './processes.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const roles = ['api', 'scheduler', 'worker', 'predictor', 'frontend'] as const;
type Name = (typeof roles)[number];

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

let database: Awaited<ReturnType<typeof freshDatabase>>;
const ops = {} as Record<Name, string>;
const opsPorts = {} as Record<Name, number>;
const running = {} as Record<Name, Process>;
let apiUrl: string;
let frontendUrl: string;
let token: string;

beforeAll(async () => {
  database = await freshDatabase();
  const [port, predictorPort, frontendPort] = await Promise.all([freePort(), freePort(), freePort()]);
  apiUrl = `http://127.0.0.1:${port}`;
  frontendUrl = `http://127.0.0.1:${frontendPort}`;
  for (const role of roles) {
    opsPorts[role] = await freePort();
    ops[role] = `http://127.0.0.1:${opsPorts[role]}`;
    running[role] = startRole(role, database, {
      RAVENMQ_OPS_PORT: String(opsPorts[role]),
      RAVENMQ_PORT: String(port),
      RAVENMQ_PREDICTOR_PORT: String(predictorPort),
      RAVENMQ_FRONTEND_PORT: String(frontendPort),
      RAVENMQ_API_URL: apiUrl,
      RAVENMQ_JWT_SECRET: 'x'.repeat(32),
      RAVENMQ_ADMIN_PASSWORD: 'password of the test',
    });
  }
  for (const role of roles)
    await eventually(async () => (await ask(role, '/readyz')) === 200, { timeoutMs: 30_000 });
}, 60_000);

afterAll(async () => {
  for (const process of Object.values(running)) await process.kill();
  await database.drop();
});

const ask = (role: Name, path: string) =>
  fetch(`${ops[role]}${path}`).then(
    ({ status }) => status,
    () => 0,
  );
const metricsOf = async (role: Name) => (await fetch(`${ops[role]}/metrics`)).text();

test('each answers its probes', async () => {
  for (const role of roles) {
    const answers = await Promise.all(['/livez', '/startupz', '/readyz'].map((path) => ask(role, path)));
    expect(answers, role).toEqual([200, 200, 200]);
  }
});

test('the health check of an image ends with 0, and with 1 and the reason when nothing answers', async () => {
  const health = (port: number) =>
    promisify(execFile)(process.execPath, [main, 'health'], {
      env: { PATH: process.env.PATH, RAVENMQ_OPS_PORT: String(port) },
    });
  expect((await health(opsPorts.worker)).stdout).toBe('ok\n');
  await expect(health(1)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('127.0.0.1:1/readyz'),
  });
});

test('the frontend passes the API through and shows it the address of the client', async () => {
  const signIn = await fetch(`${frontendUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'password of the test' }),
  });
  expect(signIn.status).toBe(200);
  ({ token } = (await signIn.json()) as { token: string });
  const job = await fetch(`${frontendUrl}/jobs/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      name: 'through',
      type: 'http',
      payload: { url: 'http://127.0.0.1:1/' },
      max_retries: 0,
    }),
  });
  expect(job.status).toBe(201);
  await eventually(
    async () => /ravenmq_jobs_total\{type="http",status="failed"\} 1/.test(await metricsOf('api')),
    {
      timeoutMs: 15_000,
    },
  );
});

describe('metrics of', () => {
  test('the api: jobs, the leader, the database', async () => {
    const text = await metricsOf('api');
    for (const line of [
      /^ravenmq_build_info\{version="[^"]+",role="api"\} 1$/m,
      /^ravenmq_leader_silence_seconds [0-4](\.\d+)?$/m,
      /^ravenmq_wait_seconds_count\{type="http"\} 1$/m,
      /^ravenmq_database_connections [1-9]\d*$/m,
      /^ravenmq_database_connections_max [1-9]\d*$/m,
      /^ravenmq_database_notification_queue_usage_ratio 0(\.\d+)?$/m,
      /^ravenmq_dead_tuples\{table="job_live"\} \d+$/m,
      /^ravenmq_partition_days_ahead\{table="job_history"\} [1-7]$/m,
      /^ravenmq_pool_connections\{role="api",state="idle"\} [1-9]/m,
    ])
      expect(text).toMatch(line);
  });

  test('the scheduler: who leads, under which term, how its steps go', async () => {
    const text = await metricsOf('scheduler');
    expect(text).toMatch(/^ravenmq_leader 1$/m);
    expect(text).toMatch(/^ravenmq_leader_term 1$/m);
    expect(text).toMatch(/^ravenmq_reclaims_total 0$/m);
    expect(text).toMatch(/^ravenmq_scheduler_tick_seconds_count\{step="reclaim expired leases"\} [1-9]/m);
    expect(text).toMatch(/^ravenmq_scheduler_step_failures_total\{step="reclaim expired leases"\} 0$/m);
  });

  test('the worker: its slots, claims and finishes', async () => {
    const text = await metricsOf('worker');
    expect(text).toMatch(/^ravenmq_worker_slots\{state="free"\} 4$/m);
    expect(text).toMatch(/^ravenmq_exchange_jobs_total\{did="claim"\} 1$/m);
    expect(text).toMatch(/^ravenmq_exchange_jobs_total\{did="finish"\} 1$/m);
    expect(text).toMatch(/^ravenmq_exchange_seconds_count\{did="look"\} [1-9]/m);
    expect(text).toMatch(/^ravenmq_stale_finishes_total 0$/m);
  });
});

test('every metric that an alert or the dashboard reads is in a scrape', async () => {
  const texts = await Promise.all(roles.map(metricsOf));
  const served = new Set(
    texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name as string)),
  );
  const asked = new Set(queries.flatMap((query) => [...metricsIn(query)]));
  expect(asked.size).toBeGreaterThan(30);
  expect([...asked].filter((name) => !served.has(name) && !served.has(familyOf(name)))).toEqual([]);
});

test('the query that KEDA asks the database counts the workers that the waiting work needs', async () => {
  const [trigger] = manifestsOf(read('deploy/helm/rendered/production.yaml'))
    .flatMap(({ spec }) => spec?.triggers ?? [])
    .filter(({ type }) => type === 'postgresql');
  const query = trigger.metadata.query.replace('from ravenmq.', `from ${database.schema}.`);
  const workers = async () => Object.values((await database.pool.query(query)).rows[0] as object);
  expect(await workers()).toEqual([0]);
  // Nobody runs them: the worker here has no handler of this type. The target is 300 s, on 2 slots.
  const job = { name: 'wait', type: 'report', queue: 'reports', payload: {} };
  const answer = await fetch(`${apiUrl}/jobs/bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ jobs: Array.from({ length: 700 }, () => job) }),
  });
  expect(answer.status).toBe(201);
  const { rows } = await database.pool.query('select sum(predicted_mean_ms) / 1000 as seconds from job_live');
  expect(rows[0].seconds).toBeGreaterThan(700);
  expect(await workers()).toEqual([Math.ceil(rows[0].seconds / 300 / 2)]);
});

test('a signal ends each of them with 0', async () => {
  for (const role of roles) {
    const { child } = running[role];
    const code = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await code, role).toBe(0);
  }
});

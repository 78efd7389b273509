/** The tables as other programs may read them, straight from PostgreSQL. */
import { hostname } from 'node:os';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import {
  type Account,
  echoJob,
  foundOrganization,
  type Json,
  jobWith,
  type Member,
  manySignIns,
  register,
  run,
  signInAsAdmin,
  submit,
  waitingJob,
} from './api-client.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let db: pg.Client;
let user: Account;
let founder: Member;
beforeAll(async () => {
  system = await startSystem(manySignIns);
  db = new pg.Client({ connectionString: system.databaseUrl, options: `-c search_path=${system.schema}` });
  await db.connect();
  user = await register(system);
  founder = await foundOrganization(system);
});
afterAll(async () => {
  await db?.end();
  await system?.stop();
});

const rowsOf = async (statement: string, ...values: unknown[]): Promise<Json[]> =>
  (await db.query(statement, values)).rows;

const columns: Record<string, string[]> = {
  jobs: [
    ...['id', 'name', 'type', 'payload', 'status', 'priority', 'user_id', 'org_id', 'created_at'],
    ...['started_at', 'finished_at', 'retry_count', 'error_msg', 'lease_expires_at'],
  ],
  execution_logs: ['id', 'job_id', 'runtime_ms', 'predicted_runtime_ms', 'worker_id', 'logged_at'],
  users: ['id', 'username', 'password_hash', 'role', 'org_id', 'created_at'],
  organizations: ['id', 'name', 'created_at'],
  worker_registry: ['worker_id', 'hostname', 'status', 'last_seen', 'jobs_processed', 'started_at'],
  scheduler_leader: ['id', 'worker_id', 'elected_at', 'last_seen'],
};
const typesOf = async (table: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    (
      await rowsOf(
        'select column_name, data_type from information_schema.columns where table_schema = $1 and table_name = $2',
        system.schema,
        table,
      )
    ).map((row) => [row.column_name, row.data_type]),
  );

test.each(Object.entries(columns))('%s has its columns', async (table, names) => {
  expect(Object.keys(await typesOf(table))).toEqual(expect.arrayContaining(names));
});

test('the columns have their types', async () => {
  const [jobs, logs] = [await typesOf('jobs'), await typesOf('execution_logs')];
  expect(jobs).toMatchObject({ id: 'uuid', payload: 'jsonb', retry_count: 'integer' });
  expect(jobs.priority).toMatch(/^(real|double precision|numeric)$/);
  for (const time of ['created_at', 'started_at', 'finished_at', 'lease_expires_at'])
    expect(jobs[time]).toBe('timestamp with time zone');
  expect(logs).toMatchObject({ job_id: 'uuid', logged_at: 'timestamp with time zone' });
});

describe('jobs', () => {
  const rowOf = async (id: string) => (await rowsOf('select * from jobs where id = $1', id))[0];

  test('shows each job with its status, live or finished', async () => {
    const failing = { name: 'false', type: 'shell', payload: { argv: ['/bin/false'] }, max_retries: 0 };
    const queued = await submit(founder, waitingJob());
    const scheduled = await submit(founder, {
      ...waitingJob(),
      run_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const cancelled = await submit(founder, waitingJob());
    await founder.post(`/jobs/${cancelled.id}/cancel`);
    const running = await submit(founder, { ...failing, payload: { argv: ['/bin/sleep', '60'] } });
    await jobWith(founder, running.id, 'running');
    const done = await run(founder, echoJob());
    const failed = await run(founder, failing);

    const jobs = { queued, scheduled, cancelled, running, done, failed };
    for (const [status, { id }] of Object.entries(jobs)) {
      const row = await rowOf(id);
      expect(row, status).toMatchObject({ status, user_id: founder.id, org_id: founder.orgId });
      expect(row.lease_expires_at !== null, status).toBe(status === 'running');
      expect(row.started_at !== null, status).toBe(['running', 'done', 'failed'].includes(status));
      expect(row.finished_at !== null, status).toBe(['cancelled', 'done', 'failed'].includes(status));
      expect(row.error_msg !== null, status).toBe(status === 'failed');
    }
    await founder.post(`/jobs/${running.id}/cancel`);
    await jobWith(founder, running.id, 'cancelled');
  });

  test('has each job once and only priorities from 0 to 1', async () => {
    const [counts] = await rowsOf(
      `select count(*)::int as all, count(distinct id)::int as different, min(priority)::float as least,
        max(priority)::float as most from jobs`,
    );
    expect(counts.all).toBe(counts.different);
    expect(counts.least).toBeGreaterThanOrEqual(0);
    expect(counts.most).toBeLessThanOrEqual(1);
  });

  test('holds the payload as it came', async () => {
    const payload = { a: [1, { b: 'ü' }], c: null };
    const { id } = await submit(user, { ...waitingJob(), payload });
    expect((await rowOf(id)).payload).toEqual(payload);
  });
});

describe('execution_logs', () => {
  const logsOf = (id: string) =>
    rowsOf('select * from execution_logs where job_id = $1 order by logged_at', id);

  test('has one row for a job that ran once', async () => {
    const { id, predicted_runtime_ms: predicted } = await run(user, echoJob());
    const logs = await logsOf(id);
    expect(logs).toHaveLength(1);
    expect(Number(logs[0].runtime_ms)).toBeGreaterThan(0);
    expect(Number(logs[0].predicted_runtime_ms)).toBeCloseTo(predicted, 3);
    expect(logs[0].worker_id).toContain(hostname());
  });

  test('has one row for each attempt of a job that failed, four with the default of three retries', async () => {
    const payload = { argv: ['/bin/false'] };
    const { id } = await submit(user, { name: 'false', type: 'shell', payload });
    const failed = await eventually(
      async () => {
        const job = (await user.get(`/jobs/${id}`)).body;
        return job.status === 'failed' && job;
      },
      { timeoutMs: 120_000, everyMs: 100 },
    );
    expect(failed.retry_count).toBe(3);
    const logs = await logsOf(id);
    expect(logs).toHaveLength(4);
    // Exponential: each pause may be jittered, yet the last is longer than the first.
    const times = logs.map((row) => new Date(row.logged_at).getTime());
    const pauses = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    expect(pauses[2]).toBeGreaterThan(pauses[0] as number);
  });

  test('has none for a job that never ran', async () => {
    const { id } = await submit(user, waitingJob());
    await user.post(`/jobs/${id}/cancel`);
    expect(await logsOf(id)).toEqual([]);
  });
});

describe('users and organizations', () => {
  test('keep a hash and not the password', async () => {
    const [row] = await rowsOf('select * from users where id = $1', user.id);
    expect(row).toMatchObject({ username: user.username, role: 'user', org_id: null });
    expect(row.password_hash).toMatch(/^\$argon2id\$/);
    expect(JSON.stringify(row)).not.toContain(user.password);
  });

  test('hold roles and membership', async () => {
    await signInAsAdmin(system);
    expect(await rowsOf(`select role from users where username = 'admin'`)).toEqual([{ role: 'admin' }]);
    const [row] = await rowsOf('select role, org_id from users where id = $1', founder.id);
    expect(row).toEqual({ role: 'org_admin', org_id: founder.orgId });
    const { name } = (await founder.get('/orgs/me')).body;
    expect((await rowsOf('select name from organizations where id = $1', founder.orgId))[0]).toEqual({
      name,
    });
  });

  test.each([
    ['users', 'username'],
    ['organizations', 'name'],
  ])('%s has no two rows of one %s', async (table, column) => {
    await foundOrganization(system);
    const rename = db.query(`update ${table} set ${column} = 'taken'`);
    await expect(rename).rejects.toMatchObject({ code: '23505' });
  });
});

test('worker_registry has the worker, counts its jobs and renews its sign of life', async () => {
  const worker = async () => (await rowsOf('select * from worker_registry'))[0];
  const before = await worker();
  expect(before).toMatchObject({ status: 'active', hostname: hostname() });
  await run(user, echoJob());
  await eventually(async () => {
    const now = await worker();
    return Number(now.jobs_processed) > Number(before.jobs_processed) && now.last_seen > before.last_seen;
  });
});

test('scheduler_leader has one row with the id 1', async () => {
  const rows = await rowsOf('select * from scheduler_leader');
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ worker_id: expect.stringContaining(hostname()) });
  expect(Number(rows[0].id)).toBe(1);
  const leader = (await user.get('/jobs/scheduler/leader')).body;
  expect(leader.worker_id).toBe(rows[0].worker_id);
});

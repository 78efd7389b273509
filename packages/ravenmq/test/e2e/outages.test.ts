/** A database that goes away in ways that kill nothing: what the engine does meanwhile and how soon it is back. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { connect, type Pool, transaction } from '../../src/db/connect.ts';
import { createListener } from '../../src/db/listen.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createWakeUps, wakeUpChannel } from '../../src/db/wake-ups.ts';
import { createSubmitter } from '../../src/jobs/submit.ts';
import { type Logger, silentLogger } from '../../src/log.ts';
import { createScheduler } from '../../src/scheduler/scheduler.ts';
import { aWorker } from '../a-worker.ts';
import { type ChaosProxy, startProxy } from '../chaos/proxy.ts';
import { eventually } from '../eventually.ts';
import { aJob } from '../jobs.ts';

const connectionsOfAWorker = 4;

interface OwnDatabase {
  name: string;
  url: string;
  schema: string;
  /** Connected to another database of the server. */
  admin: pg.Client;
  pool: Pool;
}

/** A database of its own on the test server, so that what is done to all of its connections is done to no one else. */
async function ownDatabase(): Promise<OwnDatabase> {
  const url = new URL(inject('directUrl'));
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  const name = `outage_${randomBytes(6).toString('hex')}`;
  await admin.query(`create database ${name}`);
  url.pathname = `/${name}`;
  const schema = name;
  const pool = connect({ url: url.href, schema, max: 3, applicationName: 'test', log: silentLogger });
  await migrate(pool, schema);
  onTestFinished(async () => {
    await pool.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.query(`drop role ${schema}_api`);
    await admin.end();
  });
  return { name, schema, url: url.href, admin, pool };
}

async function aProxy(url: string): Promise<[ChaosProxy, string]> {
  const { hostname, port } = new URL(url);
  const proxy = await startProxy({ target: () => ({ host: hostname, port: Number(port) }) });
  onTestFinished(() => proxy.stop());
  const through = new URL(url);
  through.host = `127.0.0.1:${proxy.port}`;
  return [proxy, through.href];
}

/** Counts what is logged, by event. */
function counting(): [Logger, Map<string, number>] {
  const events = new Map<string, number>();
  const count = ({ event }: { event?: string }) => events.set(`${event}`, (events.get(`${event}`) ?? 0) + 1);
  return [{ ...silentLogger, error: count, warn: count, info: () => {}, debug: () => {} } as Logger, events];
}

/** A worker with its listener, as a process of the role has them. */
async function working(
  url: string,
  schema: string,
  { log = silentLogger, pollMs = 50, done }: { log?: Logger; pollMs?: number; done(name: string): void },
) {
  const applicationName = `worker ${randomBytes(4).toString('hex')}`;
  const pool = connect({ url, schema, max: connectionsOfAWorker, applicationName, log });
  const worker = aWorker(pool, { noop: async (_, { name }) => done(name) }, { log, pollMs });
  const listener = createListener({
    url,
    schema,
    applicationName: 'listener',
    log,
    channels: { [wakeUpChannel(schema)]: () => worker.wake() },
  });
  await worker.start();
  await listener.start();
  onTestFinished(async () => {
    await listener.stop();
    await worker.stop(0);
    await pool.end();
  });
}

test('a listener whose connection is killed twenty times wakes its worker again within a second', async () => {
  const { url, schema, pool, admin, name } = await ownDatabase();
  const done = new Set<string>();
  await working(url, schema, { pollMs: 30_000, done: (job) => done.add(job) });
  const wakeUps = createWakeUps(pool, wakeUpChannel(schema), silentLogger);
  const submitter = createSubmitter({ pool, wakeUps });
  onTestFinished(() => submitter.stop());
  const latencies: number[] = [];
  for (let round = 0; round < 20; round++) {
    const { rowCount } = await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = $1 and application_name = 'listener'`,
      [name],
    );
    expect(rowCount).toBe(1);
    const began = performance.now();
    await submitter.submit(aJob({ name: `job ${round}` }));
    await eventually(() => done.has(`job ${round}`), { everyMs: 2 });
    latencies.push(performance.now() - began);
    await eventually(async () => {
      const { rowCount: listening } = await admin.query(
        `select from pg_stat_activity where datname = $1 and application_name = 'listener' and query like 'listen%'`,
        [name],
      );
      return listening;
    });
  }
  latencies.sort((a, b) => a - b);
  console.log(`woken after ${latencies[10]?.toFixed(0)} ms (median), ${latencies[19]?.toFixed(0)} ms (most)`);
  expect(latencies[19]).toBeLessThan(1_000);
});

test('a server that only reads for a while is asked with growing pauses, and served when it writes again', async () => {
  const { url, schema, pool, admin, name } = await ownDatabase();
  const [log, events] = counting();
  const done = new Set<string>();
  await working(url, schema, { log, done: (job) => done.add(job) });
  const leaderPool = connect({ url, schema, max: 4, applicationName: 'leader', log });
  const wakeUps = createWakeUps(leaderPool, wakeUpChannel(schema), log);
  const scheduler = createScheduler({
    pool: leaderPool,
    directUrl: url,
    schema,
    workerId: 'scheduler',
    termMs: 1_000,
    retentionDays: 30,
    wakeUps,
    log,
  });
  scheduler.start();
  onTestFinished(async () => {
    await scheduler.stop();
    await leaderPool.end();
  });
  const submitter = createSubmitter({ pool, wakeUps });
  await submitter.submit(aJob({ name: 'before' }));
  await eventually(() => done.has('before'));

  // As after a failover that left the address at the old primary.
  await admin.query(`alter database ${name} set default_transaction_read_only = on`);
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  await eventually(async () => (await submitter.submit(aJob()).catch((error) => error)).code === '25006');
  events.clear();
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const failures = [...events.values()].reduce((sum, n) => sum + n, 0);
  await admin.query(`alter database ${name} reset default_transaction_read_only`);
  const healed = performance.now();

  await eventually(() => submitter.submit(aJob({ name: 'after' })).then(Boolean, () => false));
  await submitter.submit(aJob({ name: 'later', runAt: new Date(Date.now() + 100).toISOString() }));
  await eventually(() => done.has('after') && done.has('later'), { timeoutMs: 20_000 });
  console.log(
    `read-only for 4 s: ${failures} failures logged, all well ${(performance.now() - healed).toFixed(0)} ms after`,
  );
  expect(failures).toBeGreaterThan(10);
  expect(failures).toBeLessThan(200);
});

test('a statement on a dead socket fails in its time, its connection is thrown away, the next one works', async () => {
  const { url, schema } = await ownDatabase();
  const [proxy, through] = await aProxy(url);
  const pool = connect({
    url: through,
    schema,
    max: 1,
    applicationName: 'half-open',
    log: silentLogger,
    statementTimeoutMs: 500,
  });
  onTestFinished(() => pool.end());
  const sockets: unknown[] = [];
  const failsInTime = async (work: () => Promise<unknown>) => {
    await pool.query('select 1');
    proxy.swallow(['to server', 'to client']);
    const began = performance.now();
    await expect(work()).rejects.toThrow('Query read timeout');
    expect(performance.now() - began).toBeLessThan(2_000);
    proxy.swallow([]);
    expect(pool.totalCount).toBe(0);
    sockets.push((await pool.query('select pg_backend_pid() as pid')).rows[0].pid);
  };

  await failsInTime(() => pool.query('select 1'));
  await failsInTime(() => transaction(pool, (client) => client.query('select 1')));
  await failsInTime(() =>
    transaction(pool, async (client) => {
      await Promise.all(Array.from({ length: 3 }, () => client.query('select 1')));
    }),
  );
  expect(new Set(sockets).size).toBe(3);
});

test('twenty workers that lose their database come back spread out and never with more connections than they may have', async () => {
  const { url, schema, admin, name, pool } = await ownDatabase();
  const [proxy, through] = await aProxy(url);
  const done = new Set<string>();
  for (let n = 0; n < 20; n++) await working(through, schema, { done: (job) => done.add(job) });
  const submitter = createSubmitter({
    pool,
    wakeUps: createWakeUps(pool, wakeUpChannel(schema), silentLogger),
  });
  await submitter.submit(aJob({ name: 'before' }));
  await eventually(() => done.has('before'));

  const cap = 20 * (connectionsOfAWorker + 1);
  const begins = new Map<number, number>();
  let most = 0;
  const sample = async () => {
    const { rows } = await admin.query<{ pid: number; began: number }>(
      `select pid, extract(epoch from backend_start)::float8 * 1000 as began from pg_stat_activity
       where datname = $1 and application_name <> 'test'`,
      [name],
    );
    most = Math.max(most, rows.length);
    for (const { pid, began } of rows) begins.set(pid, began);
    return rows.length;
  };
  await sample();
  const old = new Set(begins.keys());
  proxy.refuse(true);
  expect(proxy.reset()).toBeGreaterThanOrEqual(20);
  await eventually(async () => (await sample()) === 0);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  proxy.refuse(false);
  const healed = performance.now();
  await submitter.submit(aJob({ name: 'after' }));
  await eventually(async () => (await sample(), done.has('after')), { everyMs: 20 });
  await eventually(async () => (await sample()) >= 40, { timeoutMs: 20_000, everyMs: 20 });

  const fresh = [...begins].filter(([pid]) => !old.has(pid)).map(([, began]) => began);
  const windows = new Map<number, number>();
  for (const began of fresh)
    windows.set(Math.floor(began / 100), (windows.get(Math.floor(began / 100)) ?? 0) + 1);
  console.log(
    `all 20 back after ${(performance.now() - healed).toFixed(0)} ms; ${most} connections of ${cap} at most, ` +
      `${Math.max(...windows.values())} new ones within 100 ms at most`,
  );
  expect(most).toBeLessThanOrEqual(cap);
  expect(Math.max(...windows.values())).toBeLessThan(30);
});

import { expect } from 'vitest';
import { aWorker } from '../../test/a-worker.ts';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { expireLeases, leadership, submitted } from '../../test/jobs.ts';
import type { Pool } from '../db/connect.ts';
import { NonRetryable, RetryAfter } from '../executors/outcome.ts';
import { cancelJob } from '../jobs/cancel.ts';
import { queueScope, setLimit } from '../jobs/limits.ts';
import { getJob } from '../jobs/list.ts';
import { promoteDueJobs } from '../jobs/promote.ts';
import { reclaimExpired } from '../jobs/reclaim.ts';
import { listWorkers } from '../workers/registry.ts';

const ended = (pool: Pool, id: string | undefined) =>
  eventually(async () => {
    const job = await getJob(pool, id as string);
    return job?.finished_at ? job : undefined;
  });

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

test('every job of a burst runs once, with payload, result and counters', async ({ db }) => {
  const seen: number[] = [];
  const worker = aWorker(db.pool, {
    noop: async ({ n }) => (seen.push(n as number), { twice: 2 * (n as number) }),
  });
  const jobs = await submitted(db.pool, ...Array.from({ length: 500 }, (_, n) => ({ payload: { n } })));

  await worker.start();
  await eventually(async () => (await db.pool.query('select from job_live')).rowCount === 0);
  await worker.stop(1_000);

  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, n) => n));
  expect(await getJob(db.pool, jobs[7]?.id as string)).toMatchObject({
    status: 'done',
    result: { twice: 14 },
  });
  expect((await db.pool.query('select count(*) from execution_logs')).rows[0].count).toBe(500);
  expect(await listWorkers(db.pool)).toMatchObject([
    { status: 'offline', jobs_processed: 500, stale_finishes: 0 },
  ]);
});

test('a failing job is retried with backoff, then fails for good: three retries are four starts', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  const attempts: number[] = [];
  const worker = aWorker(db.pool, {
    noop: (_, { attempt }) => {
      attempts.push(attempt);
      throw new Error(`attempt ${attempt}`);
    },
  });
  const [job] = await submitted(db.pool, {});
  await worker.start();
  const delays: number[] = [];
  for (let retry = 1; retry <= 3; retry++) {
    await eventually(async () => (await getJob(db.pool, job?.id as string))?.status === 'scheduled');
    const { rows } = await db.pool.query(
      `update job_live set run_at = now() returning extract(epoch from ready_at - clock_timestamp()) as seconds`,
    );
    delays.push(Number(rows[0].seconds));
    await promoteDueJobs(db.pool, guard, 10);
  }
  const end = await ended(db.pool, job?.id);
  await worker.stop(1_000);

  expect(attempts).toEqual([1, 2, 3, 4]);
  expect(end).toMatchObject({ status: 'failed', retry_count: 3, error_msg: 'attempt 4' });
  delays.forEach((seconds, n) => {
    expect(seconds).toBeLessThanOrEqual(2 ** n);
    expect(seconds).toBeGreaterThan(2 ** n * 0.5 - 0.4);
  });
});

test('handlers steer their retries', async ({ db }) => {
  const worker = aWorker(db.pool, {
    never: () => {
      throw new NonRetryable('no use');
    },
    later: () => {
      throw new RetryAfter('busy', 3_600_000);
    },
  });
  const [never, later] = await submitted(db.pool, { type: 'never' }, { type: 'later' });
  await worker.start();

  expect(await ended(db.pool, never?.id)).toMatchObject({
    status: 'failed',
    retry_count: 0,
    error_msg: 'no use',
  });
  const row = await eventually(async () => {
    const job = await getJob(db.pool, later?.id as string);
    return job?.status === 'scheduled' ? job : undefined;
  });
  expect(Date.parse(row.run_at as string) - Date.now()).toBeGreaterThan(3_500_000);
  await worker.stop(1_000);
});

test('a timeout aborts the attempt, a cancel request does so at once when notified', async ({ db }) => {
  const started: string[] = [];
  const worker = aWorker(db.pool, { noop: (_, { jobId, signal }) => (started.push(jobId), aborted(signal)) });
  const [slow, unwanted] = await submitted(db.pool, { timeoutMs: 30, maxRetries: 0 }, {});
  await worker.start();

  expect(await ended(db.pool, slow?.id)).toMatchObject({
    status: 'failed',
    error_msg: 'timed out after 30 ms',
  });
  await eventually(() => started.includes(unwanted?.id as string));
  await cancelJob(db.pool, unwanted?.id as string);
  worker.checkCancels();
  expect(await ended(db.pool, unwanted?.id)).toMatchObject({ status: 'cancelled' });
  await worker.stop(1_000);
  const logs = await db.pool.query('select outcome from execution_logs order by outcome');
  expect(logs.rows.map((row) => row.outcome)).toEqual(['cancelled', 'timed_out']);
});

test('a cancel that comes while the notification is lost takes effect at the next renewal', async ({
  db,
}) => {
  const started = Promise.withResolvers<void>();
  const worker = aWorker(
    db.pool,
    { noop: (_, { signal }) => (started.resolve(), aborted(signal)) },
    { leaseMs: 600 },
  );
  const [job] = await submitted(db.pool, {});
  await worker.start();
  await started.promise;
  await cancelJob(db.pool, job?.id as string);

  expect(await ended(db.pool, job?.id)).toMatchObject({ status: 'cancelled' });
  await worker.stop(1_000);
});

test('a lease is renewed while the job runs longer than it', async ({ db }) => {
  const guard = await leadership(db.pool);
  const release = Promise.withResolvers<void>();
  const worker = aWorker(db.pool, { noop: () => release.promise }, { leaseMs: 300 });
  const [job] = await submitted(db.pool, {});
  await worker.start();
  await eventually(async () => (await getJob(db.pool, job?.id as string))?.status === 'running');
  const until = performance.now() + 1_000;
  await eventually(async () => (await reclaimExpired(db.pool, guard, 10), performance.now() > until));
  release.resolve();

  expect(await ended(db.pool, job?.id)).toMatchObject({ status: 'done', fence: 1 });
  await worker.stop(1_000);
});

test('a job taken away is aborted at the next renewal, and its end is not recorded', async ({ db }) => {
  const guard = await leadership(db.pool);
  const reasons: unknown[] = [];
  let starts = 0;
  const worker = aWorker(
    db.pool,
    {
      async noop(_, { signal }) {
        if (++starts > 1) return 'second';
        await aborted(signal).catch(() => reasons.push(signal.reason));
        return 'first';
      },
    },
    { leaseMs: 600 },
  );
  const [job] = await submitted(db.pool, {});
  await worker.start();
  await eventually(() => starts === 1);
  await expireLeases(db.pool);
  await reclaimExpired(db.pool, guard, 10);

  expect(await ended(db.pool, job?.id)).toMatchObject({ status: 'done', result: 'second', retry_count: 1 });
  await eventually(() => reasons.length === 1);
  expect(reasons).toEqual(['lost']);
  await worker.stop(1_000);
});

test('stopping lets short jobs end and releases long ones without using an attempt', async ({ db }) => {
  const enough = Promise.withResolvers<void>();
  let begun = 0;
  const worker = aWorker(
    db.pool,
    { short: () => (begun++, enough.promise), long: (_, { signal }) => (begun++, aborted(signal)) },
    { slots: 2 },
  );
  const [long, short, waiting] = await submitted(
    db.pool,
    { type: 'long' },
    { type: 'short' },
    { type: 'short' },
  );
  await worker.start();
  await eventually(async () => begun === 2);
  const stopped = worker.stop(200);
  enough.resolve();
  await stopped;

  expect(await getJob(db.pool, short?.id as string)).toMatchObject({ status: 'done' });
  expect(await getJob(db.pool, long?.id as string)).toMatchObject({
    status: 'queued',
    retry_count: 0,
    worker_id: null,
  });
  expect(await getJob(db.pool, waiting?.id as string)).toMatchObject({ status: 'queued' });
  expect((await listWorkers(db.pool))[0]?.status).toBe('offline');
});

test('a worker takes no more long jobs than it has slots', async ({ db }) => {
  const release = Promise.withResolvers<void>();
  const worker = aWorker(db.pool, { noop: () => release.promise }, { slots: 3 });
  await submitted(db.pool, ...Array.from({ length: 20 }, () => ({})));
  await worker.start();
  await eventually(
    async () => (await db.pool.query(`select from job_live where status = 'running'`)).rowCount === 3,
  );
  worker.wake();
  const until = performance.now() + 150;
  await eventually(() => performance.now() > until);

  expect((await db.pool.query(`select from job_live where status = 'running'`)).rowCount).toBe(3);
  release.resolve();
  await worker.stop(1_000);
});

test('a limit of one runs its jobs one after another without waiting for the leader', async ({ db }) => {
  await setLimit(db.pool, queueScope('one'), 1);
  let running = 0;
  let most = 0;
  const worker = aWorker(db.pool, {
    async noop() {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    },
  });
  await submitted(db.pool, ...Array.from({ length: 20 }, () => ({ queue: 'one' })));
  await db.pool.query('select open_gates(1000)');
  await worker.start();
  await eventually(async () => (await db.pool.query('select from job_live')).rowCount === 0);
  await worker.stop(1_000);

  expect(most).toBe(1);
});

test('a result that JSON or PostgreSQL cannot hold is mended or reported, never lost', async ({ db }) => {
  const worker = aWorker(db.pool, {
    nul: () => ({ text: 'a\0b\ud800c' }),
    huge: () => 'x'.repeat(300_000),
    circular: () => {
      const loop: Record<string, unknown> = {};
      loop.self = loop;
      return loop;
    },
  });
  const [nul, huge, circular] = await submitted(
    db.pool,
    { type: 'nul' },
    { type: 'huge' },
    { type: 'circular' },
  );
  await worker.start();

  expect(await ended(db.pool, nul?.id)).toMatchObject({ status: 'done', result: { text: 'ab\ufffdc' } });
  expect((await ended(db.pool, huge?.id)).error_msg).toContain('262144 are allowed');
  expect(await ended(db.pool, circular?.id)).toMatchObject({ status: 'failed' });
  await worker.stop(1_000);
});

test('killed connections cost nothing but time', async ({ db }) => {
  const worker = aWorker(db.pool, { noop: () => new Promise((resolve) => setTimeout(resolve, 2)) });
  await submitted(db.pool, ...Array.from({ length: 300 }, () => ({})));
  await worker.start();
  await eventually(
    async () => {
      await db.pool
        .query(
          `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = $1`,
          [db.schema],
        )
        .catch(() => undefined);
      const left = await db.pool.query('select from job_live').catch(() => ({ rowCount: 1 }));
      return left.rowCount === 0;
    },
    { everyMs: 50, timeoutMs: 20_000 },
  );
  await worker.stop(1_000);

  const { rows } = await db.pool.query('select count(*), count(distinct job_id) as jobs from execution_logs');
  expect(rows[0]).toEqual({ count: 300, jobs: 300 });
});

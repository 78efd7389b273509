import { expect } from 'vitest';
import { aWorker } from '../../test/a-worker.ts';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { submitted } from '../../test/jobs.ts';
import { silentLogger } from '../log.ts';
import { listWorkers } from '../workers/registry.ts';

test('a worker whose claims fail for good gives its jobs up and is not reported alive until they work again', async ({
  db,
}) => {
  const running = Promise.withResolvers<AbortSignal>();
  const handlers = {
    long: (_: unknown, { signal }: { signal: AbortSignal }) => {
      running.resolve(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    },
    noop: () => {},
  };
  const failing = new Set<string>();
  const log = { ...silentLogger, error: ({ service }: { service: string }) => failing.add(service) } as never;
  const worker = aWorker(db.pool, handlers, { leaseMs: 300, heartbeatMs: 50, log });
  await submitted(db.pool, { type: 'long' });
  await worker.start();
  const signal = await running.promise;
  const lastSeen = async () => (await listWorkers(db.pool))[0]?.last_seen;

  // Leases and heartbeats do not need this table; claims do.
  await db.pool.query('alter table turn rename to elsewhere');
  await eventually(() => signal.aborted && failing.has('heartbeat'));
  const silentSince = await lastSeen();

  await db.pool.query('alter table elsewhere rename to turn');
  await eventually(async () => (await lastSeen()) !== silentSince);
  await worker.stop(0);
  expect(signal.reason).toBe('lost');
});

test('stopping does not wait for a database that does not answer', async ({ db }) => {
  const ran = Promise.withResolvers<void>();
  const worker = aWorker(db.pool, { noop: () => ran.resolve() });
  await worker.start();
  await eventually(async () => (await listWorkers(db.pool)).length === 1);
  const other = await db.pool.connect();
  await submitted(db.pool, {});
  await ran.promise;
  const began = performance.now();
  try {
    await other.query('begin');
    await other.query('lock table job_live, worker_registry');
    await worker.stop(0);
    expect(performance.now() - began).toBeLessThan(13_000);
  } finally {
    await other.query('rollback');
    other.release();
  }
  await eventually(async () => (await db.pool.query('select from job_live')).rowCount === 0);
});

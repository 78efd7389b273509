import { expect } from 'vitest';
import { aWorker } from '../../test/a-worker.ts';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { submitted } from '../../test/jobs.ts';
import { readConfig } from '../config.ts';
import { newJobDefaults } from '../jobs/new-job.ts';
import { heartbeat, listWorkers, registerWorker } from './registry.ts';

const worker = (workerId: string, name = 'host-worker') => ({
  workerId,
  name,
  hostname: 'host',
  slots: 2,
  queues: null,
  types: ['noop'],
});

test('the defaults: lease 30 s, heartbeat 5 s, three retries', () => {
  expect(readConfig({})).toMatchObject({ leaseMs: 30_000, heartbeatMs: 5_000, leaderTermMs: 5_000 });
  expect(newJobDefaults.maxRetries).toBe(3);
});

test('a worker without a heartbeat for 15 s is shown as offline', async ({ db }) => {
  await registerWorker(db.pool, worker('a'));
  const shown = async (seconds: number) => {
    await db.pool.query(
      `update worker_registry set last_seen = clock_timestamp() - $1 * interval '1 second'`,
      [seconds],
    );
    return (await listWorkers(db.pool))[0]?.status;
  };

  expect([await shown(0), await shown(14), await shown(16)]).toEqual(['active', 'active', 'offline']);
});

test('a running worker beats at its interval, also while its slots are full', async ({ db }) => {
  const release = Promise.withResolvers<void>();
  const running = aWorker(db.pool, { noop: () => release.promise }, { heartbeatMs: 100, slots: 1 });
  await submitted(db.pool, {});
  await running.start();
  const beats = new Set<string>();
  await eventually(async () => beats.add((await listWorkers(db.pool))[0]?.last_seen ?? '').size >= 5);
  const seen = [...beats].map((beat) => Date.parse(beat));
  const gaps = seen.slice(1).map((at, n) => at - (seen[n] as number));
  release.resolve();
  await running.stop(1_000);

  expect(Math.min(...gaps.slice(1))).toBeGreaterThan(50);
});

test('lifetime counts are kept per name over restarts', async ({ db }) => {
  await registerWorker(db.pool, worker('first'));
  await heartbeat(db.pool, worker('first'), { processed: 5, stale: 1 });
  await registerWorker(db.pool, worker('second'));
  await heartbeat(db.pool, worker('second'), { processed: 2, stale: 0 });

  expect((await listWorkers(db.pool)).map((row) => row.jobs_processed)).toEqual([7, 7]);
  expect(await heartbeat(db.pool, worker('unknown'), { processed: 1, stale: 0 })).toBe(false);
});

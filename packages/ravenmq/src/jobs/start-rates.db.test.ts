import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, leadership, submitted } from '../../test/jobs.ts';
import type { Pool } from '../db/connect.ts';
import { changeLimit, keyScope, openGates, setLimit, settleAbandoned, tenantScope } from './limits.ts';
import { listLimits } from './list-limits.ts';

const many = (count: number, job = {}) => Array.from({ length: count }, () => job);
const disk = keyScope(acme, 'disk');
const onDisk = { concurrencyKey: 'disk' };

/** Lets the buckets fill for so long. */
const pass = (pool: Pool, seconds: number) =>
  pool.query(`update concurrency_limit set filled_at = filled_at - $1 * interval '1 second'`, [seconds]);

async function startable(pool: Pool): Promise<number> {
  await openGates(pool);
  const claimed = await claim(pool, { count: 100 });
  await finish(pool, ...claimed.map((job) => aFinish(job)));
  return claimed.length;
}

test('starts come at their rate: at once as many as the burst, then as the bucket fills', async ({ db }) => {
  await changeLimit(db.pool, disk, { rate: { starts: 6, perSeconds: 60, burst: 3 } });
  await submitted(db.pool, ...many(20, onDisk));

  expect(await startable(db.pool)).toBe(3);
  expect(await startable(db.pool)).toBe(0);
  await pass(db.pool, 10);
  expect(await startable(db.pool)).toBe(1);
  await pass(db.pool, 15);
  expect(await startable(db.pool)).toBe(1);
  await pass(db.pool, 5.5);
  expect(await startable(db.pool)).toBe(1);
  await pass(db.pool, 3_600);
  expect(await startable(db.pool)).toBe(3);
});

test('a rate and a limit of running jobs must both have room; what is not used is not paid', async ({
  db,
}) => {
  await changeLimit(db.pool, tenantScope(acme), { rate: { starts: 1, perSeconds: 3_600, burst: 5 } });
  await setLimit(db.pool, disk, 2);
  await submitted(db.pool, ...many(10, onDisk), ...many(10));

  await openGates(db.pool);
  await openGates(db.pool);
  const claimed = await claim(db.pool, { count: 100 });

  expect(claimed).toHaveLength(5);
  const running = await db.pool.query(
    `select from job_live where status = 'running' and concurrency_key = 'disk'`,
  );
  expect(running.rowCount).toBe(2);
  expect(await listLimits(db.pool, [acme])).toMatchObject([
    { of: 'key', key: 'disk', running: 2, held: 2, waiting: 8, starts_per_second: null },
    { of: 'organization', tenant_id: acme, running: null, waiting: 15, burst: 5 },
  ]);
});

test('a key without room costs the others nothing', async ({ db }) => {
  await changeLimit(db.pool, disk, { rate: { starts: 1, perSeconds: 3_600, burst: 1 } });
  await setLimit(db.pool, keyScope(acme, 'net'), 4);
  await submitted(db.pool, ...many(50, onDisk), ...many(8, { concurrencyKey: 'net' }), ...many(3));
  await submitted(db.pool, ...many(2, { orgId: globex, ...onDisk }));

  expect(await startable(db.pool)).toBe(1 + 4 + 3 + 2);
  expect(await startable(db.pool)).toBe(4);
});

test('many openers at once start no more than the bucket holds', async ({ db }) => {
  await changeLimit(db.pool, disk, { rate: { starts: 1, perSeconds: 3_600, burst: 7 } });
  await submitted(db.pool, ...many(40, onDisk));

  await Promise.all(many(8).map(() => openGates(db.pool)));
  await openGates(db.pool);

  expect(await claim(db.pool, { count: 100 })).toHaveLength(7);
});

test('a rate set while jobs wait and run holds for those that wait; lifting it lets them go', async ({
  db,
}) => {
  await submitted(db.pool, ...many(10, onDisk));
  const running = await claim(db.pool, { count: 4 });
  await changeLimit(db.pool, disk, { rate: { starts: 1, perSeconds: 3_600, burst: 2 } });
  await finish(db.pool, ...running.map((job) => aFinish(job)));

  expect(await startable(db.pool)).toBe(2);
  await changeLimit(db.pool, disk, { rate: null });
  expect(await startable(db.pool)).toBe(4);
  expect((await db.pool.query('select from concurrency_limit')).rowCount).toBe(0);
});

test('changing one limit of a scope leaves the other as it is', async ({ db }) => {
  await changeLimit(db.pool, disk, { max: 3, rate: { starts: 1, perSeconds: 3_600, burst: 5 } });
  await submitted(db.pool, ...many(10, onDisk));
  await openGates(db.pool);
  expect(await claim(db.pool, { count: 100 })).toHaveLength(3);

  await setLimit(db.pool, disk, null);
  await openGates(db.pool);
  expect(await claim(db.pool, { count: 100 })).toHaveLength(2);
  expect((await db.pool.query('select from slot')).rowCount).toBe(0);
  await changeLimit(db.pool, disk, { max: 4 });
  expect(await listLimits(db.pool, null)).toMatchObject([{ running: 4, held: 5, burst: 5 }]);
});

test('a change whose maker died is brought into force by the leader', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, ...many(5, onDisk));
  await claim(db.pool, { count: 2 });
  await db.pool.query('insert into concurrency_limit (scope, max, pending) values ($1, 3, true)', [disk]);
  await settleAbandoned(db.pool, guard);
  expect(await listLimits(db.pool, null)).toMatchObject([{ running: 3, held: 0 }]);

  await db.pool.query(`update concurrency_limit set changed_at = now() - interval '1 minute'`);
  await settleAbandoned(db.pool, { proof: guard.proof - 1 });
  expect(await listLimits(db.pool, null)).toMatchObject([{ held: 0 }]);
  await settleAbandoned(db.pool, guard);

  expect(await listLimits(db.pool, null)).toMatchObject([{ held: 3, waiting: 2 }]);
  expect(await claim(db.pool, { count: 10 })).toHaveLength(1);
});

test('jobs whose gate is open keep it when another limit comes, and keep nobody out', async ({ db }) => {
  await setLimit(db.pool, keyScope(acme, 'disk'), 1);
  await submitted(db.pool, onDisk, onDisk);
  await openGates(db.pool);

  await changeLimit(db.pool, tenantScope(acme), { rate: { starts: 60, perSeconds: 60, burst: 60 } });

  expect(await startable(db.pool)).toBe(1);
  expect(await startable(db.pool)).toBe(1);
});

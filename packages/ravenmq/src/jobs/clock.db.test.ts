import { afterEach, beforeEach, expect, vi } from 'vitest';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { claim, leadership, submitted } from '../../test/jobs.ts';
import { promoteDueJobs } from './promote.ts';
import { reclaimExpired } from './reclaim.ts';
import { renewLeases } from './renew.ts';

const hour = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hour });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Seconds that the lease still has, by the database's clock. */
const leaseLeft = async ({ pool }: TestDatabase) =>
  (
    await pool.query(
      'select extract(epoch from lease_expires_at - clock_timestamp())::float8 as s from job_live',
    )
  ).rows[0].s as number;

test('with a clock that is an hour ahead leases last as long as ever, and are not taken away early', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, {});
  const [job] = await claim(db.pool, { leaseMs: 20_000 });

  expect(await leaseLeft(db)).toBeGreaterThan(10);
  expect(await leaseLeft(db)).toBeLessThanOrEqual(20);
  await renewLeases(db.pool, 40_000, [{ id: job?.id as string, fence: 1, startedAt: null }]);
  expect(await leaseLeft(db)).toBeGreaterThan(30);
  expect(await leaseLeft(db)).toBeLessThanOrEqual(40);
  expect((await reclaimExpired(db.pool, guard, 10)).count).toBe(0);
});

test('with a clock that is an hour ahead no job is due early', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, { runAt: new Date(Date.now() - hour / 2).toISOString() });

  expect((await promoteDueJobs(db.pool, guard, 10)).count).toBe(0);
  expect((await db.pool.query('select status from jobs')).rows).toEqual([{ status: 'scheduled' }]);
});

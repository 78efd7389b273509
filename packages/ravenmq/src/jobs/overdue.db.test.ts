import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, leadership, submitted } from '../../test/jobs.ts';
import type { Pool } from '../db/connect.ts';
import { bringForwardOverdue } from './overdue.ts';
import { changeQueue } from './queues.ts';
import { foldCharges } from './turns.ts';

const many = (count: number, job = {}) => Array.from({ length: count }, () => job);

/** Lets jobs have become ready so long ago. */
async function age(pool: Pool, where: string, ms: number): Promise<void> {
  await pool.query(
    `update job_live set created_at = created_at - $1 * interval '1 ms', ready_at = ready_at - $1 * interval '1 ms',
       rank = rank - 1000 * $1::bigint,
       id = (left(uuid7_floor(ready_at - $1 * interval '1 ms')::text, 14) || right(id::text, 22))::uuid
     where ${where}`,
    [ms],
  );
}

/** The leader's step, after the lane's starts were counted. */
async function guardStep(pool: Pool, guard: { proof: number }) {
  await foldCharges(pool, guard);
  return bringForwardOverdue(pool, guard, 100);
}

test('with endless short arrivals a long job goes first once it has waited for the promise', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await db.pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     values ($1, 'long', '', 1e7, 1e7, 1e7, 1), ($1, 'short', '', 10, 10, 10, 1)`,
    [acme],
  );
  await submitted(db.pool, { type: 'long' });
  await db.pool.query('update queue set guard_ms = 60000');
  const start = async () => {
    await submitted(db.pool, { type: 'short' }, { type: 'short' });
    await guardStep(db.pool, guard);
    const [job] = await claim(db.pool);
    await finish(db.pool, aFinish(job as never));
    return job?.type;
  };

  for (let n = 0; n < 5; n++) expect(await start()).toBe('short');
  await age(db.pool, `type = 'long'`, 59_000);
  expect(await start()).toBe('short');
  await age(db.pool, `type = 'long'`, 2_000);
  expect(await start()).toBe('long');
});

test('of the starts of a lane at most every other one is the guard’s, however many are overdue', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, ...many(40, { name: 'old' }));
  await age(db.pool, 'true', 100_000);
  // Newer, but far shorter: without the guard they would all go first.
  await submitted(db.pool, ...many(40, { name: 'new' }));
  await db.pool.query(`update job_live set rank = 2 where name = 'new'`);
  await db.pool.query('update queue set guard_ms = 60000');

  const names: string[] = [];
  for (let n = 0; n < 10; n++) {
    await guardStep(db.pool, guard);
    const claimed = await claim(db.pool, { count: 4 });
    names.push(...claimed.map((job) => job.name));
    expect(claimed.filter((job) => job.name === 'old').length).toBeLessThanOrEqual(n === 0 ? 1 : 3);
  }

  const old = names.filter((name) => name === 'old').length;
  expect(old).toBeGreaterThanOrEqual(15);
  expect(old).toBeLessThanOrEqual(20);
});

test('an overdue job of one organization costs another nothing, and an old leader brings nothing forward', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, { name: 'overdue' }, {}, { orgId: globex });
  await age(db.pool, `name = 'overdue'`, 100_000);
  await db.pool.query('update queue set guard_ms = 60000');

  expect(await bringForwardOverdue(db.pool, { proof: guard.proof - 1 }, 10)).toMatchObject({ count: 0 });
  const forward = await bringForwardOverdue(db.pool, guard, 10);

  expect(forward.count).toBe(1);
  const { rows } = await db.pool.query(
    'select name, rank, is_guarded(rank) as first from job_live order by rank',
  );
  expect(rows.map((row) => [row.name, row.first])).toEqual([
    ['overdue', true],
    ['noop', false],
    ['noop', false],
  ]);
  expect(forward.firstRank).toBe(rows[0].rank);
  expect(await bringForwardOverdue(db.pool, guard, 10)).toMatchObject({ count: 0 });
});

test('jobs are overdue by when they became ready, not by when they were submitted', async ({ db }) => {
  const guard = await leadership(db.pool);
  await changeQueue(db.pool, 'default', { promiseMs: 60_000 });
  await submitted(db.pool, { name: 'retried lately' });
  await age(db.pool, 'true', 100_000);
  await db.pool.query('update job_live set ready_at = now()');
  await db.pool.query('update queue set guard_ms = 60000');

  expect(await bringForwardOverdue(db.pool, guard, 10)).toMatchObject({ count: 0 });
});

import { expect } from 'vitest';
import { fill } from '../../test/filled.ts';
import { test } from '../../test/fixtures.ts';
import { acme, claim, globex, leadership, submitted } from '../../test/jobs.ts';
import type { Pool } from '../db/connect.ts';
import { registerWorker } from '../workers/registry.ts';
import { createPlanner } from './refresh.ts';

const aWorkerOf = (pool: Pool, slots: number, some: { queues?: string[]; types?: string[] } = {}) =>
  registerWorker(pool, {
    ...{ workerId: 'worker-1', name: 'w', hostname: 'h', slots },
    queues: some.queues ?? null,
    types: some.types ?? null,
  });
const estimated = (pool: Pool, name: string, ms: number) =>
  pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples) values ($1, 'noop', $2, $3, $4, $3, 9)`,
    [acme, name, ms, ms * 1.1],
  );
/** Share of a processor. */
const unhindered = 1_000;
const planOf = async (pool: Pool, queue = 'default') =>
  (await pool.query('select * from queue_plan where queue = $1', [queue])).rows[0];

test('the plan has every waiting job in the order of the claim, with when it starts and why not yet', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await aWorkerOf(db.pool, 1);
  await estimated(db.pool, 'short', 1_000);
  await estimated(db.pool, 'long', 60_000);
  const [long, first] = await submitted(db.pool, { name: 'long' }, { name: 'short' });
  const [second] = await submitted(db.pool, { name: 'short' });
  await claim(db.pool);
  const planner = createPlanner(db.pool, guard, unhindered);

  expect(await planner.refresh()).toBe(true);
  const plan = await planOf(db.pool);
  expect(plan).toMatchObject({ waiting: 2, running: 1, workers: 1, slots: 1, free_slots: 0 });
  expect(plan.job_id).toEqual([second?.id, long?.id]);
  expect(plan.run_id).toEqual([first?.id]);
  expect(plan.job_position).toEqual([1, 2]);
  expect(plan.job_reason).toEqual(['WAITING_FOR_WORKER', 'LOWER_SCORE']);
  expect(plan.start_p50[0]).toBeGreaterThan(300);
  expect(plan.start_p50[1]).toBeGreaterThan(plan.start_p50[0] + 800);
  expect(plan.end_p50[1]).toBeGreaterThan(55_000);
  expect(plan.waiting_ms).toBe(61_000);
  expect(await planner.refresh()).toBe(false);
  await submitted(db.pool, {});
  expect(await planner.refresh()).toBe(true);
});

test('a plan past its term is not published, and the plan of a queue that is gone is dropped', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, {});
  await createPlanner(db.pool, { proof: guard.proof + 1 }, unhindered).refresh();
  expect(await planOf(db.pool)).toBeUndefined();
  const planner = createPlanner(db.pool, guard, unhindered);
  await planner.refresh();
  expect(await planOf(db.pool)).toBeDefined();
  await db.pool.query(`delete from job_live; delete from turn; delete from queue`);
  await planner.refresh();
  expect(await planOf(db.pool)).toBeUndefined();
});

test('of a long backlog the first jobs are listed and the rest is summed up, and lanes alternate', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await registerWorker(db.pool, {
    workerId: 'someone',
    name: 'w',
    hostname: 'h',
    slots: 100,
    queues: null,
    types: null,
  });
  await fill(db.pool, 20_000);
  await createPlanner(db.pool, guard, unhindered).refresh();
  const plan = await planOf(db.pool, 'full');
  expect(plan.waiting).toBe(20_000 - 200 - 20);
  expect(plan.job_id).toHaveLength(2_000);
  expect(plan.waiting_ms).toBe(3_000 * plan.waiting);
  expect(plan.lane_tenant.toSorted()).toEqual([acme, globex]);
  expect(plan.last_start[1]).toBeGreaterThan(plan.start_p50.at(-1) * 5);
  expect((await db.pool.query('select desired_workers(null, 60, 4) as n')).rows[0].n).toBe(
    Math.ceil((plan.waiting_ms + plan.running_ms) / (60_000 * 4)),
  );
});

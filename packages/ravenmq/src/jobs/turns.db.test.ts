import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, leadership, submitted } from '../../test/jobs.ts';
import { advanceClocks, foldCharges, tendLanes } from './turns.ts';

const lanes = async (pool: { query: (text: string) => Promise<{ rows: unknown[] }> }) =>
  (await pool.query('select tenant_id, vtime, idle from turn order by tenant_id')).rows;

test('charges move the lane’s virtual time, and the queue’s clock follows the lane served least', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, { orgId: acme }, { orgId: acme }, { orgId: globex }, { orgId: globex });
  await claim(db.pool);
  const [second] = await claim(db.pool);
  await foldCharges(db.pool, guard);
  await advanceClocks(db.pool, guard);

  const clock = async () => (await db.pool.query('select vclock from queue')).rows[0].vclock;
  const served = second?.tenant_id === acme ? 2 : 1;
  expect(served).toBeGreaterThan(0);
  const { rows } = await db.pool.query('select sum(vtime) as total from turn');
  expect(rows[0].total).toBe(6_000);
  const before = await clock();
  await claim(db.pool, { count: 2 });
  await foldCharges(db.pool, guard);
  await advanceClocks(db.pool, guard);
  expect(await clock()).toBeGreaterThanOrEqual(before);
  expect((await db.pool.query('select count(*) from charge')).rows[0].count).toBe(0);
});

test('an empty quiet lane goes idle; the next submission wakes it at the queue’s clock', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, { orgId: globex });
  const [job] = await claim(db.pool);
  await finish(db.pool, aFinish(job as never));
  await db.pool.query(
    `update turn set touched_at = now() - interval '2 seconds'; update queue set vclock = 500`,
  );

  await tendLanes(db.pool, guard);
  expect(await lanes(db.pool)).toMatchObject([{ idle: true }]);

  await submitted(db.pool, { orgId: globex });
  expect(await lanes(db.pool)).toMatchObject([{ idle: false, vtime: 500 }]);
});

test('a lane that fell asleep on a job is woken', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, { orgId: acme }, { orgId: globex }, { orgId: globex, queue: 'other' });
  await db.pool.query('update turn set idle = true');
  expect(await claim(db.pool)).toEqual([]);

  await tendLanes(db.pool, guard);

  expect(await claim(db.pool, { count: 5 })).toHaveLength(3);
});

test('two tenants of equal weight are served equal predicted work, whatever their backlog', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await db.pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples) values
      ($1, 'noop', '', 4000, 4000, 4000, 1), ($2, 'noop', '', 1000, 1000, 1000, 1)`,
    [acme, globex],
  );
  await submitted(db.pool, ...Array.from({ length: 200 }, () => ({ orgId: acme })));
  await submitted(db.pool, ...Array.from({ length: 200 }, () => ({ orgId: globex })));
  const given = new Map<string, number>();
  for (let n = 0; n < 50; n++) {
    for (const job of await claim(db.pool)) {
      given.set(job.tenant_id, (given.get(job.tenant_id) ?? 0) + job.predicted_runtime_ms);
    }
    await foldCharges(db.pool, guard);
    await advanceClocks(db.pool, guard);
  }

  expect(Math.abs((given.get(acme) ?? 0) - (given.get(globex) ?? 0))).toBeLessThanOrEqual(4_000);
});

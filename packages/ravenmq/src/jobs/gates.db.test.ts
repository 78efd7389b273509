import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, submitted } from '../../test/jobs.ts';
import { keyScope, openGates, queueScope, setLimit, tenantScope } from './limits.ts';

const initech = '00000000-0000-4000-8000-00000000cccc';
const many = (count: number, job = {}) => Array.from({ length: count }, () => job);

test('one call fills the free slots of every limit, the smallest ranks first, and says the first of them', async ({
  db,
}) => {
  await setLimit(db.pool, tenantScope(acme), 3);
  await setLimit(db.pool, tenantScope(globex), 2);
  await db.pool.query('update slot set job_id = gen_random_uuid()');
  await submitted(db.pool, ...many(5), ...many(5, { orgId: globex }), { orgId: initech });
  const { rows: waiting } = await db.pool.query(
    `select tenant_id, rank from job_live where gate is not null order by rank, id`,
  );
  expect(waiting).toHaveLength(10);

  await db.pool.query('update slot set job_id = null');
  const opened = await openGates(db.pool);

  expect(opened).toEqual({ count: 5, firstRank: waiting[0].rank });
  expect(await openGates(db.pool)).toEqual({ count: 0, firstRank: null });
  const claimed = await claim(db.pool, { count: 20 });
  const ranksOf = (tenant: string) =>
    claimed.filter((job) => job.tenant_id === tenant).map((job) => job.rank);
  const firstOf = (tenant: string, count: number) =>
    waiting
      .filter((job) => job.tenant_id === tenant)
      .slice(0, count)
      .map((job) => job.rank);
  expect(ranksOf(acme)).toEqual(firstOf(acme, 3));
  expect(ranksOf(globex)).toEqual(firstOf(globex, 2));
  expect(ranksOf(initech)).toHaveLength(1);
});

test('limits that share a slot take turns: no key waits for another key’s whole backlog', async ({ db }) => {
  await setLimit(db.pool, queueScope('q'), 4);
  await setLimit(db.pool, keyScope(acme, 'a'), 10);
  await setLimit(db.pool, keyScope(acme, 'b'), 10);
  await submitted(db.pool, ...many(20, { queue: 'q', concurrencyKey: 'a' }));
  await submitted(db.pool, ...many(20, { queue: 'q', concurrencyKey: 'b' }));
  await openGates(db.pool);
  const first = await claim(db.pool, { count: 20 });
  expect(first).toHaveLength(4);
  await finish(db.pool, ...first.map((job) => aFinish(job)));
  await openGates(db.pool);

  const { rows } = await db.pool.query(
    `select concurrency_key as key, count(*)::int from job_live where gate is null group by 1 order by 1`,
  );

  expect(rows).toEqual([
    { key: 'a', count: 2 },
    { key: 'b', count: 2 },
  ]);
});

test('many openers at once never pass a limit and leave no slot free that somebody waits for', async ({
  db,
}) => {
  await setLimit(db.pool, tenantScope(acme), 7);
  await setLimit(db.pool, tenantScope(globex), 3);
  await submitted(db.pool, ...many(30), ...many(30, { orgId: globex }));
  let ended = 0;

  while (ended < 60) {
    await Promise.all(many(6).map(() => openGates(db.pool)));
    await openGates(db.pool);
    const claimed = await claim(db.pool, { count: 20 });
    const of = (tenant: string) => claimed.filter((job) => job.tenant_id === tenant).length;
    expect(of(acme)).toBeLessThanOrEqual(7);
    expect(of(globex)).toBeLessThanOrEqual(3);
    expect(claimed.length).toBeGreaterThan(0);
    await finish(db.pool, ...claimed.map((job) => aFinish(job)));
    ended += claimed.length;
  }

  expect(ended).toBe(60);
  const { rows } = await db.pool.query('select count(*)::int from slot where job_id is not null');
  expect(rows[0].count).toBe(0);
});

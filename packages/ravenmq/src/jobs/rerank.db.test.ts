import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, claim, globex, leadership, submitted } from '../../test/jobs.ts';
import type { Pool } from '../db/connect.ts';
import { rerankWaiting } from './rerank.ts';

const many = (count: number, job = {}) => Array.from({ length: count }, () => job);

async function estimated(
  pool: Pool,
  ms: number,
  rest: { name?: string; variant?: string } = {},
): Promise<void> {
  await pool.query(
    `insert into estimate (tenant_id, type, name, variant, p50_ms, p90_ms, mean_ms, samples, size_log, size_slope)
     values ($1, 'noop', $2, $3, $4, $4, $4, 1, ln(101), 1)
     on conflict (tenant_id, type, name, variant) do update set p50_ms = $4, p90_ms = $4, mean_ms = $4`,
    [acme, rest.name ?? '', rest.variant ?? '', ms],
  );
}
const asked = (pool: Pool) => pool.query('insert into rerank (tenant_id) values ($1)', [acme]);
const stored = async (pool: Pool) =>
  (
    await pool.query(
      `select name, predicted_runtime_ms as ms, priority, round((rank - date_part('epoch', ready_at) * 1e6) / 1e3) as ahead
       from job_live order by id`,
    )
  ).rows;

test('waiting jobs follow an estimate that moved, in batches, and running ones and other tenants’ stay', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await estimated(db.pool, 1_000);
  await submitted(db.pool, ...many(5), ...many(2, { orgId: globex }));
  const [running] = await claim(db.pool, { count: 1 });
  await estimated(db.pool, 4_000);
  await asked(db.pool);

  const steps = [];
  for (let n = 0; n < 4; n++) steps.push(await rerankWaiting(db.pool, guard, 2));

  expect(steps.map(({ looked }) => looked)).toEqual([2, 2, 1, 0]);
  const moved = running?.tenant_id === acme ? 4 : 5;
  expect(steps.reduce((sum, { count }) => sum + count, 0)).toBe(moved);
  const rows = await db.pool.query(
    `select tenant_id = $1 as own, status, predicted_mean_ms as ms, priority, rank from job_live order by rank, id`,
    [acme],
  );
  const waiting = rows.rows.filter((row) => row.own && row.status === 'queued');
  expect(waiting.map((row) => row.ms)).toEqual(many(moved, 4_000));
  expect(waiting[0].priority).toBeCloseTo(1 / (1 + 4_000 / 3_000), 10);
  expect(Math.min(...steps.map(({ firstRank }) => firstRank ?? Number.POSITIVE_INFINITY))).toBe(
    waiting[0].rank,
  );
  expect((await db.pool.query('select from rerank')).rowCount).toBe(0);
});

test('a job keeps its place while its estimate moves by a fifth at most', async ({ db }) => {
  const guard = await leadership(db.pool);
  await estimated(db.pool, 1_000);
  await submitted(db.pool, {});
  await estimated(db.pool, 1_190);
  await asked(db.pool);

  expect(await rerankWaiting(db.pool, guard, 10)).toEqual({ looked: 1, count: 0, firstRank: null });
});

test('submission and re-ranking agree: variant before series before type, scaled by the size', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  const jobs = [
    { name: 'a', variant: 'v' },
    { name: 'a', variant: 'other' },
    { name: 'a' },
    { name: 'b' },
    { name: 'a', sizeHint: 201 },
    { name: 'a', variant: 'v', sizeHint: 50 },
  ];
  await submitted(db.pool, ...jobs);
  await estimated(db.pool, 30_000);
  await estimated(db.pool, 20_000, { name: 'a' });
  await estimated(db.pool, 10_000, { name: 'a', variant: 'v' });
  await asked(db.pool);
  await rerankWaiting(db.pool, guard, 100);
  const followed = await stored(db.pool);
  await db.pool.query('delete from job_live');
  await submitted(db.pool, ...jobs);

  expect(await stored(db.pool)).toEqual(followed);
  expect(followed.map((row) => Math.round(row.ms))).toEqual([10_000, 20_000, 20_000, 30_000, 40_000, 5_050]);
});

test('an old leader moves nothing', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, {});
  await estimated(db.pool, 9_000);
  await asked(db.pool);

  expect(await rerankWaiting(db.pool, { proof: guard.proof - 1 }, 10)).toMatchObject({ looked: 0 });
  expect((await stored(db.pool))[0].ms).toBe(3_000);
});

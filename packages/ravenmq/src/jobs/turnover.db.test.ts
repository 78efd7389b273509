import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { aClaim, acme, aFinish, claim, finish, globex, submitted } from '../../test/jobs.ts';
import { getJob } from './list.ts';
import { pauseQueue } from './queues.ts';
import { finishAndClaim, turnoverText, turnoverValues } from './turnover.ts';

test('a claim takes the smallest ranks, raises the fence and lends the row', async ({ db }) => {
  await db.pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
    values ($1, 'slow', '', 60000, 60000, 60000, 1), ($1, 'fast', '', 10, 10, 10, 1)`,
    [acme],
  );
  const [slow, fast] = await submitted(db.pool, { type: 'slow' }, { type: 'fast' });

  const [first] = await claim(db.pool);
  const [second] = await claim(db.pool);

  expect([first?.id, second?.id]).toEqual([fast?.id, slow?.id]);
  const row = await getJob(db.pool, fast?.id as string);
  expect(row).toMatchObject({ status: 'running', worker_id: 'worker-1', fence: 1 });
  expect(Date.parse(row?.lease_expires_at as string) - Date.now()).toBeGreaterThan(25_000);
});

test('many claimers at once take each job exactly once', async ({ db }) => {
  await submitted(db.pool, ...Array.from({ length: 200 }, () => ({})));

  const claims = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const mine: string[] = [];
      for (;;) {
        const claimed = await claim(db.pool, { count: 7, workerId: `worker-${n}` });
        if (claimed.length === 0) return mine;
        mine.push(...claimed.map((job) => job.id));
      }
    }),
  );

  const all = claims.flat();
  expect(all).toHaveLength(200);
  expect(new Set(all).size).toBe(200);
});

test('a claim takes at most what it asked for under an adverse plan', async ({ db }) => {
  await submitted(db.pool, ...Array.from({ length: 1_000 }, () => ({})));
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    for (const method of [
      'hashjoin',
      'mergejoin',
      'hashagg',
      'sort',
      'material',
      'indexscan',
      'bitmapscan',
    ]) {
      await client.query(`set local enable_${method} = off`);
    }
    const { rows } = await client.query(turnoverText, turnoverValues([], aClaim({ count: 5 })));
    expect(rows.filter((row) => row.fence !== null)).toHaveLength(5);
    await client.query('rollback');
  } finally {
    client.release();
  }
});

test('finish and claim share a statement; the finished row moves to the history with its attempt', async ({
  db,
}) => {
  const [a, b] = await submitted(db.pool, {}, {});
  const [running] = await claim(db.pool);

  const { claimed, refused } = await finishAndClaim(
    db.pool,
    [aFinish(running as never, { result: '{"answer":42}', runtimeMs: 12.5 })],
    aClaim({ count: 1 }),
  );

  expect(refused).toEqual([]);
  expect([running?.id, claimed[0]?.id].sort()).toEqual([a?.id, b?.id].sort());
  const done = await getJob(db.pool, running?.id as string);
  expect(done).toMatchObject({ status: 'done', result: { answer: 42 }, runtime_ms: 12.5, retry_count: 0 });
  expect(done?.finished_at).not.toBeNull();
  const logs = await db.pool.query('select * from execution_logs');
  expect(logs.rows).toMatchObject([
    { job_id: running?.id, outcome: 'done', attempt: 1, runtime_ms: 12.5, final: true },
  ]);
});

test('a finish with an old fence is refused and changes nothing', async ({ db }) => {
  await submitted(db.pool, {});
  const [old] = await claim(db.pool);
  await db.pool.query(
    `update job_live set status = 'queued', worker_id = null, lease_expires_at = null, started_at = null`,
  );
  const [current] = await claim(db.pool, { workerId: 'worker-2' });

  expect(await finish(db.pool, aFinish(old as never))).toEqual([old?.id]);

  expect(await getJob(db.pool, old?.id as string)).toMatchObject({
    status: 'running',
    worker_id: 'worker-2',
  });
  expect((await db.pool.query('select * from execution_logs')).rows).toEqual([]);
  expect(await finish(db.pool, aFinish(current as never))).toEqual([]);
});

test('the same finish twice is accepted once', async ({ db }) => {
  await submitted(db.pool, {});
  const [job] = await claim(db.pool);

  expect(await finish(db.pool, aFinish(job as never))).toEqual([]);
  expect(await finish(db.pool, aFinish(job as never))).toEqual([job?.id]);
  expect((await db.pool.query('select count(*) from execution_logs')).rows[0].count).toBe(1);
});

test('only the free slots count as started at the claim', async ({ db }) => {
  await submitted(db.pool, {}, {}, {});
  const claimed = await claim(db.pool, { count: 3, freeSlots: 1 });

  const { rows } = await db.pool.query('select id, started_at from job_live where started_at is not null');
  expect(rows.map((row) => row.id)).toEqual([claimed[0]?.id]);
});

test('a paused queue and a paused lane are passed over', async ({ db }) => {
  await submitted(db.pool, { queue: 'a' }, { queue: 'b', orgId: globex });
  await pauseQueue(db.pool, 'a', true);
  expect((await claim(db.pool, { count: 5 })).map((job) => job.queue)).toEqual(['b']);

  await pauseQueue(db.pool, 'a', false);
  await db.pool.query(`update turn set paused = true where queue = 'a'`);
  expect(await claim(db.pool)).toEqual([]);
  await db.pool.query('update turn set paused = false');
  expect(await claim(db.pool)).toHaveLength(1);
});

test('a claim serves only the queues and types it names', async ({ db }) => {
  await submitted(db.pool, { queue: 'a', type: 'x' }, { queue: 'b', type: 'x' }, { queue: 'a', type: 'y' });

  const claimed = await claim(db.pool, { count: 10, queues: ['a'], types: ['y'] });

  expect(claimed.map((job) => [job.queue, job.type])).toEqual([['a', 'y']]);
});

test('a flood of one tenant does not hold up another: the claim is spread over the lanes', async ({ db }) => {
  await submitted(db.pool, ...Array.from({ length: 500 }, () => ({ orgId: acme })));
  await submitted(db.pool, { orgId: globex });

  const claimed = await claim(db.pool, { count: 4 });

  expect(claimed.some((job) => job.tenant_id === globex)).toBe(true);
});

test('the lane that was served less goes first', async ({ db }) => {
  await submitted(db.pool, { orgId: acme }, { orgId: globex });
  await db.pool.query('update turn set vtime = case tenant_id when $1 then 9000 else 1000 end', [acme]);

  expect((await claim(db.pool))[0]?.tenant_id).toBe(globex);
});

test('a claim starts behind its cursor', async ({ db }) => {
  await submitted(db.pool, {}, {}, {});
  const [first] = await claim(db.pool);
  await db.pool.query(
    `update job_live set status = 'queued', worker_id = null, lease_expires_at = null, started_at = null`,
  );
  const { queue, tenant_id: tenantId, rank, id } = first as NonNullable<typeof first>;

  const [second] = await claim(db.pool, { cursors: [{ queue, tenantId, rank, id }] });

  expect(second?.id).not.toBe(first?.id);
});

test('claims charge their lane with predicted work and finishes correct it by what ran', async ({ db }) => {
  await submitted(db.pool, {}, {});
  const [job] = await claim(db.pool, { count: 2 });
  await finish(db.pool, aFinish(job as never, { runtimeMs: 100 }));

  const { rows } = await db.pool.query('select sum(ms) as ms from charge');
  expect(rows[0].ms).toBeCloseTo(6_000 + (100 - 3_000), 5);
});

import { expect } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { aFinish, claim, finish, leadership, submitted } from '../../test/jobs.ts';
import type { Pool } from '../db/connect.ts';
import { readBacklogs } from '../jobs/backlog.ts';
import { changeQueue } from '../jobs/queues.ts';
import { registerWorker } from '../workers/registry.ts';
import { followBacklogs, reckon } from './backlogs.ts';

const many = (count: number, job = {}) => Array.from({ length: count }, () => job);
const worker = { workerId: 'w', name: 'w', hostname: 'h', slots: 4, queues: null, types: null };
const queueOf = async (pool: Pool) => (await pool.query('select * from queue')).rows[0];

test('arrivals are counted once each, those that have ended too, and what waits is summed up', async ({
  db,
}) => {
  await registerWorker(db.pool, worker);
  await submitted(db.pool, {});
  const first = await readBacklogs(db.pool, null);
  expect(first.queues).toMatchObject([{ queue: 'default', count: 0, waitingMs: 3_000, slots: 4 }]);

  await submitted(db.pool, ...many(10));
  const [job] = await claim(db.pool);
  await finish(db.pool, aFinish(job as never));
  let since = first.until;
  let count = 0;
  let predictedMs = 0;
  await eventually(async () => {
    const { until, queues } = await readBacklogs(db.pool, since);
    since = until;
    count += queues[0]?.count ?? 0;
    predictedMs += queues[0]?.predictedMs ?? 0;
    return count >= 10;
  });

  // The first look may have been too early for the very first job.
  expect([10, 11]).toContain(count);
  expect(predictedMs).toBe(count * 3_000);
  const { queues } = await readBacklogs(db.pool, since);
  expect(queues[0]).toMatchObject({ count: 0, waitingMs: 30_000 });
});

test('of more arrivals than are read one by one the newest stand for all', async ({ db }) => {
  await submitted(db.pool, {});
  const { until } = await readBacklogs(db.pool, null);
  for (let n = 0; n < 3; n++) await submitted(db.pool, ...many(1_000));
  let seen = 0;
  await eventually(async () => {
    const { queues } = await readBacklogs(db.pool, until);
    seen = queues[0]?.count ?? 0;
    return (queues[0]?.waitingMs ?? 0) === 9_003_000 && seen > 1_000;
  });
  expect(seen).toBeGreaterThan(1_000);
});

test('the stretch of a queue follows its backlog in steps, for jobs that come from then on', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await registerWorker(db.pool, worker);
  const step = followBacklogs(db.pool, guard);
  await step();
  await submitted(db.pool, ...many(400));
  await eventually(async () => {
    await step();
    return (await queueOf(db.pool)).stretch > 10;
  });

  expect((await queueOf(db.pool)).stretch).toBe(160);
  const [late] = await submitted(db.pool, {});
  expect((late?.rank as number) / 1e3 - Date.parse(late?.ready_at as string)).toBeCloseTo(160 * 3_000, -1);
});

test('a burst is stretched by the backlog that it makes, and what waited before keeps its rank', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await registerWorker(db.pool, worker);
  const [old] = await submitted(db.pool, {});
  const step = followBacklogs(db.pool, guard);
  await eventually(async () => {
    await step();
    return (await db.pool.query('select from job_live where id < uuid7_floor(now() - $1::interval)', ['1 s']))
      .rowCount;
  });
  await submitted(db.pool, ...many(400));
  await eventually(async () => {
    await step();
    return (await queueOf(db.pool)).stretch > 10;
  });

  const { rows } = await db.pool.query(
    `select round((rank - date_part('epoch', ready_at) * 1e6) / 3e6) as stretch, count(*)::int as jobs
     from job_live group by 1 order by 1`,
  );
  expect(rows).toEqual([
    { stretch: 10, jobs: 1 },
    { stretch: 160, jobs: 400 },
  ]);
  expect((await db.pool.query('select rank from job_live where id = $1', [old?.id])).rows[0].rank).toBe(
    old?.rank,
  );
});

test('another leader goes on with what the one before knew, and an old one changes nothing', async ({
  db,
}) => {
  const old = await leadership(db.pool);
  const guard = await leadership(db.pool);
  await submitted(db.pool, {});
  await db.pool.query(
    `insert into queue_backlog (queue, peak_ms, predicted_ms, submissions) values ('default', 90000, 3000, 1)`,
  );

  await followBacklogs(db.pool, old)();
  expect((await queueOf(db.pool)).stretch).toBe(10);
  await followBacklogs(db.pool, guard)();
  expect((await queueOf(db.pool)).stretch).toBe(40);
});

test('the promise is what people set, else what first come, first served would keep, and never fifo’s', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  const guardMs = async () => {
    await followBacklogs(db.pool, guard)();
    return (await queueOf(db.pool)).guard_ms;
  };
  await submitted(db.pool, {});

  expect(await guardMs()).toBe(900_000);
  await changeQueue(db.pool, 'default', { promiseMs: 5_000 });
  expect(await guardMs()).toBe(5_000);
  await changeQueue(db.pool, 'default', { policy: 'shortest' });
  expect(await guardMs()).toBe(5_000);
  await changeQueue(db.pool, 'default', { promiseMs: null });
  expect(await guardMs()).toBeNull();
  await changeQueue(db.pool, 'default', { policy: 'fifo', promiseMs: 5_000 });
  expect(await guardMs()).toBeNull();
});

test('a long backlog makes the promise longer', () => {
  const seen = {
    ...{
      queue: 'q',
      policy: 'adaptive' as const,
      stretch: 10,
      promiseMs: null,
      count: 2_000,
      predictedMs: 2e6,
      slots: 2,
    },
    ...{ backlog: { peakMs: 0, predictedMs: 0, submissions: 0 }, waits: [], waiting: 1, waitingMs: 7.2e6 },
  };
  expect(reckon(seen).guardMs).toBe(1.75 * 3_600_000);
});

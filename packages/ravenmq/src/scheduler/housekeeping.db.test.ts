import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { aFinish, aJob, claim, finish, leadership, submitted } from '../../test/jobs.ts';
import { insertJobs } from '../jobs/insert.ts';
import { queueScope, setLimit } from '../jobs/limits.ts';
import { pauseQueue } from '../jobs/queues.ts';
import { tendLanes } from '../jobs/turns.ts';
import { forgetExpired, forgetLateFinishers, keepPartitions } from './housekeeping.ts';

test('queues that nobody uses are forgotten; those that are used, paused or limited stay', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, { queue: 'used' });
  await insertJobs(db.pool, [aJob({ queue: 'empty' })]);
  await db.pool.query(`delete from job_live where queue = 'empty'`);
  await pauseQueue(db.pool, 'paused', true);
  await pauseQueue(db.pool, 'limited', false);
  await setLimit(db.pool, queueScope('limited'), 3);
  await pauseQueue(db.pool, 'new', false);
  await db.pool.query(`update turn set touched_at = now() - interval '2 days'`);
  await db.pool.query(`update queue set created_at = now() - interval '2 days' where name <> 'new'`);

  await tendLanes(db.pool, guard);
  await forgetExpired(db.pool, guard);

  const { rows } = await db.pool.query('select name from queue order by name');
  expect(rows.map((row) => row.name)).toEqual(['limited', 'new', 'paused', 'used']);
});

test('a job whose queue was forgotten while it was being submitted is found again', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, { queue: 'racing' });
  await db.pool.query(`delete from queue where name = 'racing'`);
  expect(await claim(db.pool)).toEqual([]);

  await tendLanes(db.pool, guard);

  expect(await claim(db.pool)).toHaveLength(1);
});

test('what has expired is forgotten, what has not stays, and an old leader forgets nothing', async ({
  db,
}) => {
  const old = await leadership(db.pool);
  await insertJobs(db.pool, [aJob({ idempotencyKey: 'old' }), aJob({ idempotencyKey: 'new' })]);
  await db.pool.query(`update idempotency set expires_at = now() - interval '1 second' where key = 'old'`);
  const guard = await leadership(db.pool);
  const keys = async () =>
    (await db.pool.query('select key from idempotency order by key')).rows.map((row) => row.key);

  await forgetExpired(db.pool, old);
  expect(await keys()).toEqual(['new', 'old']);
  await forgetExpired(db.pool, guard);
  expect(await keys()).toEqual(['new']);
  const again = await insertJobs(db.pool, [aJob({ idempotencyKey: 'old' }), aJob({ idempotencyKey: 'new' })]);
  expect(again.map((answer) => answer.kind)).toEqual(['created', 'existing']);
});

test('a long reader of the history neither waits for partitions nor makes those who finish wait', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, {});
  const [job] = await claim(db.pool);
  const partitions = async () =>
    (await db.pool.query(`select count(*) as n from pg_inherits where inhparent = 'job_history'::regclass`))
      .rows[0].n;
  const before = await partitions();
  const reader = await db.pool.connect();
  await reader.query('begin');
  await reader.query('select from job_history limit 1');

  const began = performance.now();
  await Promise.all([
    keepPartitions(db.pool, guard, 30),
    finish(db.pool, aFinish(job as { id: string; fence: number })),
  ]);
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(await partitions()).toBe(before);

  await reader.query('commit');
  reader.release();
  await keepPartitions(db.pool, guard, 30);
  expect(await partitions()).toBeGreaterThan(before);
});

test('jobs older than every partition are kept for the retention from their end, and no longer', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, { name: 'ended long ago' }, { name: 'ended now' });
  const jobs = await claim(db.pool, { count: 2 });
  await finish(db.pool, ...jobs.map((job) => aFinish(job)));
  // As if both had been created years ago.
  await db.pool.query(
    `update job_history set id = overlay(id::text placing '0170' from 1)::uuid,
       finished_at = case when name = 'ended now' then finished_at else now() - interval '31 days' end`,
  );
  await db.pool.query(
    `insert into attempt (job_id, fence, attempt, tenant_id, queue, type, name, outcome, final, runtime_ms,
       predicted_runtime_ms, wait_ms, worker_id, logged_at)
     select id, 1, 1, tenant_id, queue, type, name, 'failed', false, 1, 1, 1, 'w', finished_at from job_history`,
  );
  const left = async () =>
    (
      await db.pool.query(
        `select (select array_agg(name) from job_history) as jobs, (select array_agg(name) from attempt) as attempts,
           (select count(*)::int from job_history_default) + (select count(*)::int from attempt_default) as late`,
      )
    ).rows[0];
  expect((await left()).late).toBe(4);

  await forgetLateFinishers(db.pool, guard, 30);

  expect(await left()).toEqual({ jobs: ['ended now'], attempts: ['ended now'], late: 2 });
});

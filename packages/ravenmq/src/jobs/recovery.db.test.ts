import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { aFinish, claim, expireLeases, finish, leadership, submitted } from '../../test/jobs.ts';
import { cancelJob } from './cancel.ts';
import { getJob } from './list.ts';
import { promoteDueJobs } from './promote.ts';
import { reclaimExpired } from './reclaim.ts';
import { renewLeases } from './renew.ts';
import { retryJob } from './retry-by-hand.ts';
import { releaseJobs, releaseUnknown, retryAttempts } from './settle.ts';

const retry = (job: { id: string; fence: number }, delayMs = 0) => ({
  id: job.id,
  fence: job.fence,
  outcome: 'failed' as const,
  startedAt: new Date().toISOString(),
  runtimeMs: 3,
  errorMsg: 'boom',
  delayMs,
});

test('an expired lease gives the job back with an attempt used, and the old worker is refused', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, {});
  const [job] = await claim(db.pool);
  expect((await reclaimExpired(db.pool, guard, 100)).count).toBe(0);
  await expireLeases(db.pool);

  expect((await reclaimExpired(db.pool, guard, 100)).count).toBe(1);

  expect(await getJob(db.pool, job?.id as string)).toMatchObject({
    status: 'queued',
    retry_count: 1,
    crash_count: 1,
  });
  const [again] = await claim(db.pool, { workerId: 'worker-2' });
  expect(again?.fence).toBe(2);
  expect(await finish(db.pool, aFinish(job as never))).toEqual([job?.id]);
  expect(await finish(db.pool, aFinish(again as never))).toEqual([]);
  const { rows } = await db.pool.query('select outcome from execution_logs order by fence');
  expect(rows.map((row) => row.outcome)).toEqual(['crashed', 'done']);
});

test('a job whose worker dies at every start starts max_retries + 1 times and fails', async ({ db }) => {
  const guard = await leadership(db.pool);
  const [job] = await submitted(db.pool, { maxRetries: 2 });
  let starts = 0;
  while ((await claim(db.pool)).length > 0) {
    starts++;
    await expireLeases(db.pool);
    await reclaimExpired(db.pool, guard, 100);
  }

  expect(starts).toBe(3);
  const ended = await getJob(db.pool, job?.id as string);
  expect(ended).toMatchObject({ status: 'failed', retry_count: 2 });
  expect(ended?.error_msg).toContain('died');
});

test('a job that was claimed but not started loses no attempt, yet not for ever', async ({ db }) => {
  const guard = await leadership(db.pool);
  const [job] = await submitted(db.pool, { maxRetries: 0 });
  let claims = 0;
  while ((await claim(db.pool, { freeSlots: 0 })).length > 0) {
    claims++;
    await expireLeases(db.pool);
    await reclaimExpired(db.pool, guard, 100);
  }

  expect(claims).toBe(4);
  expect(await getJob(db.pool, job?.id as string)).toMatchObject({ status: 'failed', retry_count: 0 });
});

test('a leader whose term has passed reclaims and promotes nothing', async ({ db }) => {
  const old = await leadership(db.pool);
  await leadership(db.pool);
  await submitted(db.pool, {});
  await claim(db.pool);
  await expireLeases(db.pool);
  await submitted(db.pool, { runAt: new Date(Date.now() + 60_000).toISOString() });
  await db.pool.query(`update job_live set run_at = now() - interval '1 second' where status = 'scheduled'`);

  expect((await reclaimExpired(db.pool, old, 100)).count).toBe(0);
  expect((await promoteDueJobs(db.pool, old, 100)).count).toBe(0);
});

test('a failed attempt is scheduled again and promoted when due', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, {});
  const [job] = await claim(db.pool);

  expect(await retryAttempts(db.pool, 'worker-1', [retry(job as never, 60_000)])).toEqual([job?.id]);
  expect(await getJob(db.pool, job?.id as string)).toMatchObject({
    status: 'scheduled',
    retry_count: 1,
    error_msg: 'boom',
  });
  expect((await promoteDueJobs(db.pool, guard, 100)).count).toBe(0);
  await db.pool.query(`update job_live set run_at = now() - interval '1 second'`);
  expect((await promoteDueJobs(db.pool, guard, 100)).count).toBe(1);
  expect((await claim(db.pool))[0]?.retry_count).toBe(1);
});

test('retry and release with an old fence do nothing', async ({ db }) => {
  await submitted(db.pool, {});
  const [job] = await claim(db.pool);
  const stale = { id: job?.id as string, fence: 0 };

  expect(await retryAttempts(db.pool, 'worker-1', [retry(stale)])).toEqual([]);
  expect(await releaseJobs(db.pool, [stale])).toEqual([]);
  expect(await getJob(db.pool, stale.id)).toMatchObject({ status: 'running' });
});

test('claim and release, fifty times, use no attempt', async ({ db }) => {
  const [job] = await submitted(db.pool, {});
  for (let n = 0; n < 50; n++) {
    const [claimed] = await claim(db.pool);
    await releaseJobs(db.pool, [claimed as never]);
  }

  expect(await getJob(db.pool, job?.id as string)).toMatchObject({
    status: 'queued',
    retry_count: 0,
    fence: 50,
    started_at: null,
  });
});

test('a claim whose answer was lost is released', async ({ db }) => {
  const [a, b] = await submitted(db.pool, {}, {});
  await claim(db.pool, { count: 2 });

  expect(await releaseUnknown(db.pool, 'worker-1', [a?.id as string])).toBe(1);
  expect(await getJob(db.pool, b?.id as string)).toMatchObject({ status: 'queued' });
});

test('renewing prolongs the lease, records the start, and reports cancels and losses', async ({ db }) => {
  const [a, b, c] = await submitted(db.pool, {}, {}, {});
  const claimed = await claim(db.pool, { count: 3, freeSlots: 0, leaseMs: 1_000 });
  const held = claimed.map((job) => ({ id: job.id, fence: job.fence, startedAt: new Date().toISOString() }));
  await cancelJob(db.pool, b?.id as string);
  await db.pool.query(`update job_live set fence = 9 where id = $1`, [c?.id]);

  const renewal = await renewLeases(db.pool, 30_000, held);

  expect(renewal).toEqual({ lost: [c?.id], cancelRequested: [b?.id] });
  const row = await getJob(db.pool, a?.id as string);
  expect(row?.started_at).not.toBeNull();
  expect(Date.parse(row?.lease_expires_at as string) - Date.now()).toBeGreaterThan(20_000);
});

test('a renewal does not wait for a row that is being finished, and does not call it lost', async ({
  db,
}) => {
  await submitted(db.pool, {});
  const [job] = await claim(db.pool);
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('select from job_live for update');
    const renewal = await renewLeases(db.pool, 30_000, [
      { id: job?.id as string, fence: 1, startedAt: null },
    ]);
    expect(renewal.lost).toEqual([]);
    await client.query('rollback');
  } finally {
    client.release();
  }
});

test('cancelling ends a waiting job, asks a running one, and comes too late for a finished one', async ({
  db,
}) => {
  const [running, waiting] = await submitted(db.pool, { queue: 'a' }, { queue: 'b' });
  const [job] = await claim(db.pool, { queues: ['a'] });

  expect(await cancelJob(db.pool, waiting?.id as string)).toMatchObject({ status: 'cancelled' });
  expect(await cancelJob(db.pool, running?.id as string)).toMatchObject({
    status: 'running',
    cancel_requested: true,
  });
  await finish(db.pool, aFinish(job as never, { outcome: 'cancelled' }));
  expect(await cancelJob(db.pool, running?.id as string)).toBe('finished');
  expect(await cancelJob(db.pool, '00000000-0000-7000-8000-000000000000')).toBeUndefined();
});

test('a failed job retried by hand keeps its id and its fence', async ({ db }) => {
  const [row] = await submitted(db.pool, { maxRetries: 0 });
  const [job] = await claim(db.pool);
  expect(await retryJob(db.pool, row?.id as string)).toBe('not_failed');
  await finish(db.pool, aFinish(job as never, { outcome: 'failed', errorMsg: 'boom' }));

  expect(await retryJob(db.pool, row?.id as string)).toMatchObject({
    status: 'queued',
    fence: 1,
    retry_count: 0,
  });
  expect((await claim(db.pool))[0]?.fence).toBe(2);
});

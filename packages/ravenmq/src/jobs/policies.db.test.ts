import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, claim, expireLeases, globex, leadership, submitted } from '../../test/jobs.ts';
import type { Client, Pool } from '../db/connect.ts';
import { type Policy, policies } from '../order/policies.ts';
import { changeQueue } from './queues.ts';
import { reclaimExpired } from './reclaim.ts';
import { rerankQueues } from './rerank.ts';
import { retryJob } from './retry-by-hand.ts';
import { releaseJobs, retryAttempts } from './settle.ts';

const setPolicy = (pool: Pool, policy: Policy) => changeQueue(pool, 'default', { policy });

/** Types by name: how long each is predicted to take. */
async function estimated(pool: Pool, ms: Record<string, number>): Promise<void> {
  await pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     select $1, type, '', ms, ms * 2, ms, 1 from unnest($2::text[], $3::float8[]) as e(type, ms)`,
    [acme, Object.keys(ms), Object.values(ms)],
  );
}

/** What `work` does in a transaction that is still open then goes on beside `meanwhile`, whatever comes of that. */
async function whileOpen(
  pool: Pool,
  work: (client: Client) => Promise<unknown>,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await meanwhile();
  } finally {
    await client.query('commit');
    client.release();
  }
}

async function walk(pool: Pool): Promise<number> {
  const guard = await leadership(pool);
  let changed = 0;
  for (let steps = 0; (await pool.query('select from rerank_queue')).rowCount; steps++) {
    expect(steps).toBeLessThan(1_000);
    changed += (await rerankQueues(pool, guard, 3)).count;
  }
  return changed;
}

/** Claims one by one and answers in that order; long light ones come first, short heavy ones last. */
async function order(pool: Pool): Promise<string[]> {
  const names: string[] = [];
  for (let [job] = await claim(pool); job; [job] = await claim(pool)) names.push(job.name);
  return names;
}

const jobs = [
  { name: 'long light', type: 'long', weight: 0.5 },
  { name: 'short light', type: 'short', weight: 0.5 },
  { name: 'long', type: 'long' },
  { name: 'short', type: 'short' },
  { name: 'long heavy', type: 'long', weight: 10 },
];
const orders: Record<Policy, string[]> = {
  fifo: ['long light', 'short light', 'long', 'short', 'long heavy'],
  priority: ['long heavy', 'long', 'short', 'long light', 'short light'],
  shortest: ['short', 'short light', 'long heavy', 'long', 'long light'],
  adaptive: ['short', 'short light', 'long heavy', 'long', 'long light'],
};

test.for(policies)('jobs that come under the policy %s run in its order', async (policy, { db }) => {
  await estimated(db.pool, { short: 1_000, long: 100_000 });
  await setPolicy(db.pool, policy);
  for (const job of jobs) await submitted(db.pool, job);

  expect(await order(db.pool)).toEqual(orders[policy]);
});

test.for(policies)('jobs that wait already follow when the policy becomes %s', async (policy, { db }) => {
  await estimated(db.pool, { short: 1_000, long: 100_000 });
  await setPolicy(db.pool, policy === 'fifo' ? 'priority' : 'fifo');
  for (const job of jobs) await submitted(db.pool, job);
  const other = await submitted(db.pool, { queue: 'other' });
  await setPolicy(db.pool, policy);

  expect(await walk(db.pool)).toBe(jobs.length);

  expect((await db.pool.query(`select rank from job_live where queue = 'other'`)).rows[0].rank).toBe(
    other[0]?.rank,
  );
  await db.pool.query(`delete from job_live where queue = 'other'`);
  expect(await order(db.pool)).toEqual(orders[policy]);
});

test('a change waits for submissions that have not seen it, and then finds their jobs', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, {});
  await whileOpen(
    db.pool,
    (late) => submitted(late as never, { orgId: globex }),
    async () => {
      await setPolicy(db.pool, 'fifo');
      for (let n = 0; n < 3; n++) expect(await rerankQueues(db.pool, guard, 10)).toMatchObject({ looked: 0 });
    },
  );

  expect(await walk(db.pool)).toBe(2);
  const { rows } = await db.pool.query(
    `select rank = floor(date_part('epoch', ready_at) * 1e6) as fifo from job_live`,
  );
  expect(rows).toEqual([{ fifo: true }, { fifo: true }]);
});

test('a job that somebody has locked is met again', async ({ db }) => {
  const guard = await leadership(db.pool);
  const [first] = await submitted(db.pool, {}, {}, {});
  await setPolicy(db.pool, 'shortest');
  const below = async () => (await db.pool.query('select from job_live where rank < 1e12')).rowCount;
  await rerankQueues(db.pool, guard, 10);
  await whileOpen(
    db.pool,
    (other) => other.query('select from job_live where id = $1 for update', [first?.id]),
    async () => {
      await rerankQueues(db.pool, guard, 10);
      await rerankQueues(db.pool, guard, 10);
      expect(await below()).toBe(2);
    },
  );

  await walk(db.pool);
  expect(await below()).toBe(3);
});

test('jobs that run while the policy changes come back in the new order, whichever way they come', async ({
  db,
}) => {
  await submitted(db.pool, {}, {}, {}, {});
  const running = await claim(db.pool, { count: 4 });
  const [released, retried, failed, lost] = running.map(({ id, fence }) => ({ id, fence }));
  await setPolicy(db.pool, 'shortest');
  await walk(db.pool);

  await releaseJobs(db.pool, [released as never]);
  const startedAt = new Date().toISOString();
  const attempt = { ...(retried as { id: string; fence: number }), startedAt, runtimeMs: 1, errorMsg: '' };
  await retryAttempts(db.pool, 'w', [{ ...attempt, outcome: 'failed', delayMs: 1 }]);
  await db.pool.query(
    `with gone as (delete from job_live where id = $1 returning *)
     insert into job_history (id, tenant_id, org_id, queue, type, name, payload, status, priority, weight,
       predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, retry_count, max_retries,
       crash_count, labels, created_at, finished_at)
     select id, tenant_id, org_id, queue, type, name, payload, 'failed', priority, weight, predicted_runtime_ms,
       predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, retry_count, max_retries, crash_count, labels,
       created_at, now() from gone`,
    [failed?.id],
  );
  await retryJob(db.pool, failed?.id as string);
  await expireLeases(db.pool);
  await reclaimExpired(db.pool, await leadership(db.pool), 10);

  const { rows } = await db.pool.query(
    `select id, rank = rank_of('shortest', ready_at, predicted_p90_ms, predicted_mean_ms, weight,
       null, 0) as right from job_live order by id`,
  );
  expect(rows).toEqual(
    [released, retried, failed, lost].map((job) => ({ id: job?.id, right: true })).sort(byId),
  );
});

test('a job that comes back under the policy it left keeps its rank, whatever the stretch is by now', async ({
  db,
}) => {
  const [job] = await submitted(db.pool, {});
  const [claimed] = await claim(db.pool);
  await db.pool.query('update queue set stretch = 1280');

  await releaseJobs(db.pool, [claimed as never]);

  expect((await db.pool.query('select rank from job_live')).rows[0].rank).toBe(job?.rank);
});

const byId = (a: { id: string | undefined }, b: { id: string | undefined }) =>
  String(a.id) < String(b.id) ? -1 : 1;

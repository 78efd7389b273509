import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../test/eventually.ts';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { leadership } from '../../test/jobs.ts';
import { createWorker, defineJob, LeaseLost, Raven } from '../index.ts';
import { getJob } from '../jobs/list.ts';
import { promoteDueJobs } from '../jobs/promote.ts';
import { silentLogger } from '../log.ts';
import type { AttemptContext } from '../worker/attempt-context.ts';

/** A worker whose one job type does `run` with a client of its own, which knows nothing of our schema. */
async function system(
  db: TestDatabase,
  run: (client: pg.PoolClient, context: AttemptContext) => Promise<unknown>,
  maxRetries = 3,
) {
  const own = new pg.Pool({ connectionString: db.url, max: 8 });
  const table = `${db.schema}.effect`;
  await db.pool.query(`create table ${table} (job uuid, fence bigint)`);
  await db.pool.query(`insert into organizations (name) values ('acme')`);
  const job = defineJob({
    type: 'effect',
    input: z.object({}),
    maxRetries,
    async run(_payload, context) {
      const client = await own.connect();
      try {
        await client.query('begin');
        await client.query(`insert into ${table} values ($1, $2)`, [context.jobId, context.fence]);
        return await run(client, context);
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
  });
  const raven = new Raven({ databaseUrl: db.url, schema: db.schema, organization: 'acme' });
  const worker = createWorker({
    ...{ databaseUrl: db.url, databaseDirectUrl: db.directUrl, schema: db.schema, jobs: [job] },
    log: silentLogger,
  });
  await worker.start();
  onTestFinished(async () => {
    await worker.stop(1_000);
    await Promise.all([raven.close(), own.end()]);
  }, 30_000);
  const effects = async () => Number((await db.pool.query(`select count(*) as n from ${table}`)).rows[0].n);
  return { raven, job, effects };
}

test('what the handler wrote and the end of its job become true together, once', async ({ db }) => {
  const { raven, job, effects } = await system(db, async (client, { complete }) => {
    await complete(client, { rows: 1 });
    // Nothing of ours is left on the client.
    const { rows } = await client.query(`select current_setting('search_path') as path`);
    await client.query('commit');
    return rows;
  });
  const handles = await raven.enqueueMany(Array.from({ length: 50 }, () => [job, {}]));
  expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(Array(50).fill({ rows: 1 }));
  expect(await effects()).toBe(50);
  const { rows } = await db.pool.query('select sum(stale_finishes) as stale from worker_registry');
  expect(Number(rows[0].stale)).toBe(0);
  const attempts = await db.pool.query('select outcome, count(*) as n from execution_logs group by 1');
  expect(attempts.rows).toEqual([{ outcome: 'done', n: 50 }]);
});

test('a transaction that is rolled back leaves neither, and the job is tried again', async ({ db }) => {
  const { raven, job, effects } = await system(db, async (client, { complete, attempt }) => {
    await complete(client, attempt);
    if (attempt === 1) throw new Error('not yet');
    await client.query('commit');
  });
  const handle = await raven.enqueue(job, {});
  const guard = await leadership(db.pool);
  // Stands for the leader: the second attempt does not wait for its pause.
  await eventually(async () => {
    await db.pool.query(`update job_live set run_at = now() where status = 'scheduled'`);
    await promoteDueJobs(db.pool, guard, 10);
    return (await getJob(db.pool, handle.id))?.status === 'done';
  });
  expect(await handle.result()).toBe(2);
  expect(await effects()).toBe(1);
});

test('an attempt that was overtaken cannot commit', async ({ db }) => {
  const seen: unknown[] = [];
  const { raven, job, effects } = await system(db, async (client, { complete, fence, jobId }) => {
    if (fence === 1) await db.pool.query('update job_live set fence = 2 where id = $1', [jobId]);
    await complete(client).catch((error) => {
      seen.push(error);
      throw error;
    });
    await client.query('commit');
  });
  await raven.enqueue(job, {});
  await eventually(() => seen.length > 0);
  expect(seen[0]).toBeInstanceOf(LeaseLost);
  expect(await effects()).toBe(0);
});

/** Databases with many rows, made fast. */
import type { Pool } from '../src/db/connect.ts';
import { acme, globex } from './jobs.ts';

/** `count` more waiting jobs in the queue `full`, of two organizations, a few of them scheduled or running. */
export async function fill(pool: Pool, count: number): Promise<void> {
  await withoutIndexes(pool, 'job_live', () =>
    pool.query(
      `insert into job_live (id, tenant_id, org_id, queue, type, name, payload, status, priority, weight,
         predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, max_retries, labels, created_at,
         run_at, worker_id, lease_expires_at, started_at, fence)
       select id, tenant, tenant, 'full', 'noop', 'noop', '{}', status, 0.5, 1, 3000, 3000, 3000,
         1700000000000000 + n, now(), 3, '{}', now(),
         case when status = 'scheduled' then now() + interval '1 day' end,
         case when status = 'running' then 'someone' end,
         case when status = 'running' then now() + interval '1 day' end,
         case when status = 'running' then now() end, 0
       from (
         select uuid7() as id, n, case n % 2 when 0 then $2::uuid else $3::uuid end as tenant,
           case when n % 1000 = 7 then 'running' when n % 100 = 3 then 'scheduled' else 'queued' end as status
         from generate_series(1, $1) n
       ) made`,
      [count, acme, globex],
    ),
  );
  await pool.query('select wake_strays()');
}

/** `count` finished jobs with their attempts, of the last seconds. */
export async function fillHistory(pool: Pool, count: number): Promise<void> {
  await pool.query(
    `insert into job_history (id, tenant_id, org_id, queue, type, name, payload, status, priority, weight,
         predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, retry_count, max_retries,
         crash_count, labels, created_at, started_at, finished_at, runtime_ms, outcome, worker_id)
       select uuid7(), tenant, tenant, 'full', 'noop', 'noop', '{}', case when n % 100 = 5 then 'failed' else 'done' end,
         0.5, 1, 3000, 3000, 3000, n, now(), 1, 0, 3, 0, '{}', now(), now(), now(), 5,
         case when n % 100 = 5 then 'failed' else 'done' end, 'someone'
       from (select n, case n % 2 when 0 then $2::uuid else $3::uuid end as tenant from generate_series(1, $1) n) t`,
    [count, acme, globex],
  );
}

/** Ten times as fast as keeping the indexes up row by row. */
async function withoutIndexes(pool: Pool, table: string, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await pool.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = $1::regclass and not indisprimary`,
    [table],
  );
  for (const { name } of rows) await pool.query(`drop index ${name}`);
  await work();
  for (const { definition } of rows) await pool.query(definition);
}

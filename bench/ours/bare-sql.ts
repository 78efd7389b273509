/**
 * The floor: hand-written SQL that makes the same writes to the same tables as RavenMQ and nothing else. No lanes, no
 * limits, no budget, no estimates, no fences checked, no leases renewed, nobody told. Jobs in batches of a thousand:
 * a statement finishes the last batch while another claims the next, as the worker does it.
 */
import type { Pool } from '../../packages/ravenmq/src/db/connect.ts';
import { migrate } from '../../packages/ravenmq/src/db/migrate.ts';
import { newJobId } from '../../packages/ravenmq/src/jobs/id.ts';
import type { Contestant, Payload, Place } from '../contestant.ts';
import { pools, schema } from './library.ts';

const tenant = '00000000-0000-4000-8000-00000000aaaa';
const batch = 1_000;

const insertText = `insert into job_live (id, tenant_id, org_id, queue, type, name, payload, status, priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, max_retries, labels, created_at)
  select id, '${tenant}', '${tenant}', 'default', 'bench', 'bench', payload::jsonb, 'queued', 0.5, 1, 3000, 3000, 3000,
    floor(date_part('epoch', now()) * 1e6)::bigint, now(), 3, '{}', now()
  from unnest($1::uuid[], $2::text[]) as i(id, payload)`;

const claimText = `with picked as materialized (
  select id from job_live
  where status = 'queued' and gate is null and queue = 'default' and tenant_id = '${tenant}'
    and (rank, id) > ($1::bigint, $2::uuid)
  order by rank, id limit ${batch} for update skip locked
)
update job_live set status = 'running', fence = fence + 1, worker_id = $3,
  lease_expires_at = clock_timestamp() + interval '30 seconds', started_at = clock_timestamp()
where id = any (array(select id from picked)) returning id, rank, payload`;

const finishText = `with gone as (
  delete from job_live where id = any ($1::uuid[]) and lease_expires_at is not null returning *
)
insert into job_history (id, tenant_id, org_id, queue, type, name, payload, status, priority, weight,
  predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, worker_id, retry_count,
  max_retries, crash_count, labels, outcome, runtime_ms, created_at, started_at, finished_at)
select id, tenant_id, org_id, queue, type, name, payload, 'done', priority, weight, predicted_runtime_ms,
  predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, worker_id, 0, max_retries, 0, labels, 'done', 1,
  created_at, started_at, clock_timestamp()
from gone`;

export function bareSql({ databaseUrl }: Place): Contestant {
  return {
    async prepare() {
      const pool = pools(databaseUrl, 1);
      await migrate(pool, schema);
      await pool.query('truncate job_live, job_history, attempt');
      await pool.query('vacuum analyze');
      await pool.end();
    },

    async produce() {
      const pool = pools(databaseUrl, 10);
      const insert = (payloads: Payload[]) =>
        pool.query({
          name: 'insert',
          text: insertText,
          values: [payloads.map(() => newJobId()), payloads.map((payload) => JSON.stringify(payload))],
        });
      return { one: (payload) => insert([payload]), many: insert, close: () => pool.end() };
    },

    async work(onJob) {
      const pool = pools(databaseUrl, 2);
      let stopping = false;
      const cycling = cycle(pool, onJob, () => stopping);
      return {
        async stop() {
          stopping = true;
          await cycling;
          await pool.end();
        },
      };
    },
  };
}

interface Claimed {
  id: string;
  rank: number;
  payload: Payload;
  [column: string]: unknown;
}

async function cycle(pool: Pool, onJob: (payload: Payload) => void, stopping: () => boolean): Promise<void> {
  const first = { rank: 0, id: '00000000-0000-0000-0000-000000000000' };
  let last = first;
  let ended: string[] = [];
  let claimed: Claimed[] = [];
  while (!stopping() || ended.length > 0) {
    const finish = pool.query({ name: 'finish', text: finishText, values: [ended] });
    const claim = pool.query<Claimed>({
      name: 'claim',
      text: claimText,
      values: [last.rank, last.id, String(process.pid)],
    });
    await new Promise((resolve) => setImmediate(resolve));
    for (const { payload } of claimed) onJob(payload);
    ended = claimed.map(({ id }) => id);
    await finish;
    claimed = (await claim).rows;
    last = claimed.reduce((most, job) => (job.rank >= most.rank && job.id > most.id ? job : most), last);
    if (claimed.length < batch) last = first;
    if (claimed.length === 0 && ended.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * The floor: hand-written SQL that makes the same writes to the same tables as RavenMQ and nothing else. No lanes, no
 * limits, no budget, no estimates, no fences checked, no leases renewed, nobody told. Jobs in batches of a thousand: a
 * statement finishes one batch while another claims the next and a third runs, as in the worker; or, fused, one
 * statement does both.
 */
import type { Pool, Queryable } from '../../packages/ravenmq/src/db/connect.ts';
import { migrate } from '../../packages/ravenmq/src/db/migrate.ts';
import { newJobId } from '../../packages/ravenmq/src/jobs/id.ts';
import type { Contestant, Payload, Place } from '../contestant.ts';
import { emptyTables, noneLeft, pools, schema } from './database.ts';

const tenant = '00000000-0000-4000-8000-00000000aaaa';
const batch = 1_000;

const insertText = `insert into job_live (id, tenant_id, org_id, queue, type, name, payload, status, priority, weight,
    predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, max_retries, labels, created_at)
  select id, '${tenant}', '${tenant}', 'default', 'bench', 'bench', payload::jsonb, 'queued', 0.5, 1, 3000, 3000, 3000,
    floor(date_part('epoch', now()) * 1e6)::bigint - urgency, now(), 3, '{}', now()
  from unnest($1::uuid[], $2::text[], $3::bigint[]) as i(id, payload, urgency)`;

const picked = `picked as materialized (
  select id from job_live
  where status = 'queued' and gate is null and queue = 'default' and tenant_id = '${tenant}'
    and (rank, id) > ($1::bigint, $2::uuid)
  order by rank, id limit ${batch} for update skip locked
)`;
const take = `update job_live set status = 'running', fence = fence + 1, worker_id = $3,
  lease_expires_at = clock_timestamp() + interval '30 seconds', started_at = clock_timestamp()
where id = any (array(select id from picked)) returning id, rank, payload`;
const gone = (ids: string) => `gone as (
  delete from job_live where id = any (${ids}::uuid[]) and lease_expires_at is not null returning *
)`;
const keep = `insert into job_history (id, tenant_id, org_id, queue, type, name, payload, status, priority, weight,
  predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, worker_id, retry_count,
  max_retries, crash_count, labels, outcome, runtime_ms, created_at, started_at, finished_at)
select id, tenant_id, org_id, queue, type, name, payload, 'done', priority, weight, predicted_runtime_ms,
  predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, worker_id, 0, max_retries, 0, labels, 'done', 1,
  created_at, started_at, clock_timestamp()
from gone`;

const claimText = `with ${picked} ${take}`;
const finishText = `with ${gone('$1')} ${keep}`;
const fusedText = `with ${gone('$4')}, kept as (${keep}), ${picked} ${take}`;

export function bareSql({ databaseUrl }: Place, { fused = false } = {}): Contestant {
  return {
    async prepare() {
      const pool = pools(databaseUrl, 1);
      await migrate(pool, schema);
      await pool.query(emptyTables);
      await pool.query('vacuum analyze');
      await pool.end();
    },

    isEmpty: (pool) => noneLeft(pool, `${schema}.job_live`),

    async produce() {
      const pool = pools(databaseUrl, 10);
      const insert = (db: Queryable, payloads: Payload[]) =>
        db.query({
          name: 'insert',
          text: insertText,
          values: [
            payloads.map(() => newJobId()),
            payloads.map((payload) => JSON.stringify(payload)),
            payloads.map(({ level = 0 }) => level * 1e6),
          ],
        });
      return {
        one: (payload) => insert(pool, [payload]),
        many: (payloads) => insert(pool, payloads),
        async inTransaction(payload) {
          const client = await pool.connect();
          await client.query('begin');
          await insert(client, [payload]);
          await client.query('commit');
          client.release();
        },
        close: () => pool.end(),
      };
    },

    async work(onJob) {
      const pool = pools(databaseUrl, 2);
      let stopping = false;
      const cycling = cycle(fused ? together(pool) : apart(pool), onJob, () => stopping);
      return {
        async stop() {
          stopping = true;
          await pool.query({ name: 'finish', text: finishText, values: [await cycling] });
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

interface Position {
  rank: number;
  id: string;
}

/** Runs the claimed jobs while it hands in the ended ones and gets the next. */
type Exchange = (ended: string[], last: Position, run: () => void) => Promise<Claimed[]>;

const apart =
  (pool: Pool): Exchange =>
  async (ended, last, run) => {
    const finish = pool.query({ name: 'finish', text: finishText, values: [ended] });
    const values = [last.rank, last.id, String(process.pid)];
    const claim = pool.query<Claimed>({ name: 'claim', text: claimText, values });
    await new Promise((resolve) => setImmediate(resolve));
    run();
    await finish;
    return (await claim).rows;
  };

const together =
  (pool: Pool): Exchange =>
  async (ended, last, run) => {
    const values = [last.rank, last.id, String(process.pid), ended];
    const both = pool.query<Claimed>({ name: 'fused', text: fusedText, values });
    await new Promise((resolve) => setImmediate(resolve));
    run();
    return (await both).rows;
  };

async function cycle(
  exchange: Exchange,
  onJob: (payload: Payload) => void,
  stopping: () => boolean,
): Promise<string[]> {
  const first = { rank: 0, id: '00000000-0000-0000-0000-000000000000' };
  let last = first;
  let ended: string[] = [];
  let claimed: Claimed[] = [];
  while (!stopping()) {
    const running = claimed;
    claimed = await exchange(ended, last, () => {
      for (const { payload } of running) onJob(payload);
    });
    ended = running.map(({ id }) => id);
    last = claimed.reduce<Position>((most, job) => (isBehind(job, most) ? job : most), last);
    if (claimed.length < batch) last = first;
    if (claimed.length + ended.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return ended;
}

const isBehind = (job: Position, other: Position) =>
  job.rank > other.rank || (job.rank === other.rank && job.id > other.id);

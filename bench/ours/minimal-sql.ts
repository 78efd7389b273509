/**
 * The least that a queue in PostgreSQL can do: a narrow table, an index of what is ready, a narrow history, and one
 * statement that finishes the last thousand and claims the next. No tenants, no names, no predictions, no leases.
 */
import type { Pool } from '../../packages/ravenmq/src/db/connect.ts';
import type { Contestant, Payload, Place } from '../contestant.ts';
import { noneLeft, pools } from './database.ts';

const batch = 1_000;

const tables = `
drop schema if exists bench_minimal cascade;
create schema bench_minimal;
create table bench_minimal.job (
  id bigint generated always as identity primary key, rank bigint not null, payload jsonb not null,
  running boolean not null default false, started_at timestamptz
);
create index on bench_minimal.job (rank, id) where not running;
create table bench_minimal.history (
  id bigint primary key, payload jsonb not null, started_at timestamptz, finished_at timestamptz
)`;

const insertText = `insert into bench_minimal.job (rank, payload)
  select rank, payload::jsonb from unnest($1::bigint[], $2::text[]) as i(rank, payload)`;

const cycleText = `with gone as (
  delete from bench_minimal.job where id = any ($1::bigint[]) returning id, payload, started_at
),
kept as (insert into bench_minimal.history select id, payload, started_at, clock_timestamp() from gone),
picked as materialized (
  select id from bench_minimal.job where not running and (rank, id) > ($2::bigint, $3::bigint)
  order by rank, id limit ${batch} for update skip locked
)
update bench_minimal.job set running = true, started_at = clock_timestamp()
where id = any (array(select id from picked)) returning id, rank, payload`;

export function minimalSql({ databaseUrl }: Place): Contestant {
  return {
    async prepare() {
      const pool = pools(databaseUrl, 1);
      await pool.query(tables);
      await pool.end();
    },
    isEmpty: (pool) => noneLeft(pool, 'bench_minimal.job'),
    async produce() {
      const pool = pools(databaseUrl, 10);
      const insert = (payloads: Payload[]) =>
        pool.query({
          name: 'insert',
          text: insertText,
          values: [
            payloads.map(({ level = 0 }) => Math.round(Date.now() * 1_000) - level * 1e6),
            payloads.map((payload) => JSON.stringify(payload)),
          ],
        });
      return { one: (payload) => insert([payload]), many: insert, close: () => pool.end() };
    },
    async work(onJob) {
      const pool = pools(databaseUrl, 1);
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

async function cycle(pool: Pool, onJob: (payload: Payload) => void, stopping: () => boolean): Promise<void> {
  let ended: number[] = [];
  let last = { rank: 0, id: 0 };
  while (!stopping()) {
    const { rows } = await pool.query<{ id: number; rank: number; payload: Payload }>({
      name: 'cycle',
      text: cycleText,
      values: [ended, last.rank, last.id],
    });
    for (const { payload } of rows) onJob(payload);
    ended = rows.map(({ id }) => id);
    for (const row of rows)
      if (row.rank > last.rank || (row.rank === last.rank && row.id > last.id)) last = row;
    if (rows.length < batch) last = { rank: 0, id: 0 };
    if (rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

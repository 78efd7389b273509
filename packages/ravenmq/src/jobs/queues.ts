/** Queues, their pause and their limits, as administrators change them. */
import { type Pool, type Queryable, transaction } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';
import type { MadeReady } from './job.ts';

export interface QueueRow {
  name: string;
  paused: boolean;
  /** Jobs that may run at the same time; null: no limit. */
  concurrency: number | null;
  queued: number;
  running: number;
  scheduled: number;
}

/** Every queue with what waits in it. Counts stop at 10,000 per queue and state. */
export async function listQueues(db: Queryable): Promise<QueueRow[]> {
  const counted = (status: string) => `(select count(*) from (
    select from job_live j where j.queue = q.name and j.status = '${status}' limit 10000) c)::int as ${status}`;
  const { rows } = await db.query<QueueRow & Record<string, unknown>>(
    `select q.name, q.paused, l.max as concurrency, ${counted('queued')}, ${counted('running')}, ${counted('scheduled')}
     from queue q left join concurrency_limit l on l.scope = 'q:' || q.name order by q.name`,
  );
  return rows;
}

/** Pauses or resumes a queue, or leaves it as it is (undefined); makes it when it does not exist. Running jobs go on. */
export async function pauseQueue(db: Queryable, name: string, paused: boolean | undefined): Promise<void> {
  await db.query(
    `insert into queue (name, paused) values ($1, coalesce($2, false))
     on conflict (name) do update set paused = coalesce($2, queue.paused)`,
    [name, paused ?? null],
  );
}

/** Scope of a limit: q:<queue>, t:<tenant>, k:<tenant>:<concurrency key>. */
export const queueScope = (queue: string): string => `q:${queue}`;
export const tenantScope = (tenantId: string): string => `t:${tenantId}`;
export const keyScope = (tenantId: string, key: string): string => `k:${tenantId}:${key}`;

const inScope = `('q:' || queue = $1 or 't:' || tenant_id = $1 or 'k:' || tenant_id || ':' || concurrency_key = $1)`;

/**
 * Sets how many jobs of a scope may run at the same time, or lifts the limit (null). Strict from the moment it
 * returns: jobs that run already keep running and count. It first makes the limit visible, then waits until every
 * submission that may not have seen it has ended, then puts the jobs that wait behind the gate.
 */
export async function setLimit(pool: Pool, scope: string, max: number | null): Promise<void> {
  if (max === null) {
    await liftLimit(pool, scope);
    return;
  }
  const { rows } = await pool.query<{ xid: string }>(
    `insert into concurrency_limit (scope, max) values ($1, $2)
     on conflict (scope) do update set max = excluded.max returning pg_current_xact_id()::text as xid`,
    [scope, max],
  );
  await waitForOlder(pool, rows[0]?.xid as string);
  await transaction(pool, async (client) => {
    await client.query('lock table slot in share row exclusive mode');
    await client.query(
      `insert into slot (scope, n) select $1, n from generate_series(1, $2) n on conflict do nothing`,
      [scope, max],
    );
    await client.query('delete from slot where scope = $1 and n > $2 and job_id is null', [scope, max]);
    // Whoever runs, or holds slots of other scopes already, gets a slot here too, past the limit if need be.
    await client.query(
      `with holders as (
        select id, row_number() over (order by id) as n from job_live
        where ${inScope} and (status = 'running' or (status = 'queued' and scopes is not null and gate is null))
          and not exists (select from slot where slot.scope = $1 and slot.job_id = job_live.id)
      ),
      free as (
        select n, row_number() over (order by n) as k from slot where scope = $1 and job_id is null
      ),
      placed as (
        update slot s set job_id = h.id from holders h join free f on f.k = h.n
        where s.scope = $1 and s.n = f.n returning s.job_id
      )
      insert into slot (scope, n, job_id)
      select $1, (select coalesce(max(n), 0) from slot where scope = $1) + row_number() over (order by id), id
      from holders where id not in (select job_id from placed)`,
      [scope],
    );
    await client.query(
      `update job_live set
        scopes = limited_scopes(queue, tenant_id, concurrency_key),
        gate = case when status = 'queued' and not exists (select from slot where slot.scope = $1 and slot.job_id = job_live.id)
          then array_to_string(limited_scopes(queue, tenant_id, concurrency_key), '|') else gate end
       where ${inScope}`,
      [scope],
    );
    await client.query('select open_gates(1000)');
  });
}

async function liftLimit(pool: Pool, scope: string): Promise<void> {
  await transaction(pool, async (client) => {
    await client.query('delete from concurrency_limit where scope = $1', [scope]);
    await client.query('delete from slot where scope = $1', [scope]);
    await client.query(
      `with changed as (
        update job_live set
          scopes = limited_scopes(queue, tenant_id, concurrency_key),
          gate = case when gate is not null
            then array_to_string(limited_scopes(queue, tenant_id, concurrency_key), '|') end
        where ${inScope} returning queue, tenant_id
      )
      select wake_lane(queue, tenant_id) from (select distinct queue, tenant_id from changed) lane`,
      [scope],
    );
    await client.query('select open_gates(1000)');
  });
}

async function waitForOlder(pool: Pool, xid: string): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ over: boolean }>(
      'select pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 as over',
      [xid],
    );
    if (rows[0]?.over) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Opens gates while there are free slots; cheap when nothing waits behind one. Whoever frees a slot calls it; the
 * leader does so too, under its term.
 */
export async function openGates(db: Queryable, guard?: Guard): Promise<MadeReady> {
  const { rows } = await db.query<MadeReady & Record<string, unknown>>({
    name: 'open_gates',
    text: `select opened as count, first_rank as "firstRank"
      from open_gates(case when $1::bigint is null or leads($1) then 1000 else 0 end)`,
    values: [guard?.proof ?? null],
  });
  return rows[0] as MadeReady;
}

/**
 * Limits of running jobs and of starts, and how a change of one comes into force. A limit counts for a scope; a job
 * runs only when all of its scopes have room.
 *
 * A change is strict from the moment it returns, whatever goes on meanwhile: it is made visible; then everyone who may
 * not have seen it has ended (submissions draw their transaction's id before they look at limits, so waiting for
 * smaller ids is enough); then the jobs that wait already are put behind the gate, batch by batch; at last, with nobody
 * claiming, those that run get slots, past the limit if need be. The row is pending until that is done.
 */
import { type Client, type Pool, type Queryable, retryTransient, transaction } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';
import type { MadeReady } from './job.ts';

/** At most `starts` in any `perSeconds` in the long run, and up to `burst` at once. */
export interface Rate {
  starts: number;
  perSeconds: number;
  burst?: number | undefined;
}

/** Null lifts; undefined leaves as it is. */
export interface LimitChange {
  max?: number | null | undefined;
  rate?: Rate | null | undefined;
}

/** Scope of a limit: q:<queue>, t:<tenant>, k:<tenant>:<concurrency key>. */
export const queueScope = (queue: string): string => `q:${queue}`;
export const tenantScope = (tenantId: string): string => `t:${tenantId}`;
export const keyScope = (tenantId: string, key: string): string => `k:${tenantId}:${key}`;

/** SQL: whether a job is of the scope $1. */
const inScope = (scope: string) =>
  ({
    q: 'queue = substr($1, 3)',
    t: 'tenant_id = substr($1, 3)::uuid',
    k: 'tenant_id = substr($1, 3, 36)::uuid and concurrency_key = substr($1, 40)',
  })[scope[0] as 'q' | 't' | 'k'];
/** Rows of one step, so that nobody waits long for any of them. */
const batch = 2_000;
/** A change that is pending for longer has lost whoever made it, in seconds. */
const abandonedAfterS = 10;

/** Sets how many jobs of a scope may run at the same time, or lifts the limit (null). */
export const setLimit = (pool: Pool, scope: string, max: number | null): Promise<void> =>
  changeLimit(pool, scope, { max });

/** Changes the limits of a scope; `also` runs in the transaction that makes the change visible. */
export async function changeLimit(
  pool: Pool,
  scope: string,
  { max, rate }: LimitChange,
  also?: (client: Client) => Promise<void>,
): Promise<void> {
  const perSecond = rate ? rate.starts / rate.perSeconds : null;
  const burst = rate ? (rate.burst ?? Math.max(1, Math.ceil(perSecond as number))) : null;
  await transaction(pool, async (client) => {
    await client.query(
      `insert into concurrency_limit as l (scope, max, starts_per_s, burst, tokens, filled_at, pending)
       values ($1, $2, $3, $4, $4, case when $3::float8 is not null then clock_timestamp() end, true)
       on conflict (scope) do update set pending = true, changed_at = now(),
         max = case when $5 then $2 else l.max end,
         starts_per_s = case when $6 then $3 else l.starts_per_s end,
         burst = case when $6 then $4 else l.burst end,
         tokens = case when not $6 then l.tokens when $4 is null then null
           else least($4, coalesce(tokens_of(l), $4)) end,
         filled_at = case when $6 then excluded.filled_at else l.filled_at end`,
      [scope, max ?? null, perSecond, burst, max !== undefined, rate !== undefined],
    );
    await also?.(client);
  });
  await settleLimit(pool, scope);
}

/** Brings the limits of a scope into force as they stand. May be run by several at once, and again. */
async function settleLimit(pool: Pool, scope: string): Promise<void> {
  await waitForOlder(pool);
  await pool.query(
    `delete from slot s using concurrency_limit l where l.scope = s.scope and s.scope = $1 and l.max is null`,
    [scope],
  );
  await walk(pool, scope);
  await retryTransient(() => transaction(pool, (client) => settleRunning(client, scope)));
  await openGates(pool);
}

/**
 * Every job of the scope, batch by batch, learns what it counts against. One that is ready waits at the gate from then
 * on; one at a gate that is no longer its own moves. Jobs that hold slots of other scopes, or run, come last, in
 * settleRunning; when the limit is lifted they forget it here.
 */
async function walk(pool: Pool, scope: string): Promise<void> {
  const from = async (position: string): Promise<string | null> => {
    const { rows } = await retryTransient(() =>
      pool.query<{ last: string | null }>(walkText(scope), [scope, position]),
    );
    return rows[0]?.last ?? null;
  };
  let next = await from('00000000-0000-0000-0000-000000000000');
  while (next !== null) next = await from(next);
}

const walkText = (scope: string) => `with walked as materialized (
    select id from job_live where id > $2 and ${inScope(scope)} order by id limit ${batch}
  ),
  locked as materialized (
    select id, status, gate, scopes, limited_scopes(queue, tenant_id, concurrency_key) as now
    from job_live where id = any (array(select id from walked)) order by id for update
  ),
  limits as materialized (
    select exists (select from concurrency_limit
      where scope = $1 and (max is not null or starts_per_s is not null)) as it
  ),
  changed as (
    update job_live j set
      scopes = case when l.gate is not null or l.status = 'scheduled' or limits.it then l.now
        else nullif(array_remove(l.scopes, $1), '{}') end,
      gate = case when l.status = 'queued' and (l.gate is not null or limits.it) then array_to_string(l.now, '|') end
    from locked l, limits
    where j.id = l.id
      and (l.gate is not null or l.status = 'scheduled' or l.status = 'queued' and l.scopes is null and limits.it
        or l.scopes @> array[$1] and not limits.it)
    returning j.queue, j.tenant_id, j.status, j.gate
  ),
  woken as (
    select wake_lane(queue, tenant_id) from (
      select distinct queue, tenant_id from changed where status = 'queued' and gate is null order by 1, 2) lane
  )
  select (select id from walked order by id desc limit 1) as last, (select count(*) from woken) as lanes`;

/**
 * The last step, while nobody can claim or finish. Whoever runs, or holds slots of other scopes, gets one here too, as far
 * as there are; nobody whose gate is open goes back behind it, where it would keep its slots from all others.
 */
async function settleRunning(client: Client, scope: string): Promise<void> {
  await client.query('lock table slot in share row exclusive mode');
  const { rows } = await client.query<{ max: number | null; rated: boolean }>(
    'select max, starts_per_s is not null as rated from concurrency_limit where scope = $1 for update',
    [scope],
  );
  const limit = rows[0];
  if (limit && limit.max !== null) await giveSlots(client, scope, limit.max);
  if (limit && (limit.max !== null || limit.rated)) {
    await client.query(
      `update job_live j set scopes = limited_scopes(queue, tenant_id, concurrency_key),
         gate = case when status = 'queued' and (j.scopes is null or j.gate is not null)
             and not exists (select from slot where slot.scope = $1 and slot.job_id = j.id)
           then array_to_string(limited_scopes(queue, tenant_id, concurrency_key), '|') else gate end
       where ${inScope(scope)} and not coalesce(scopes @> array[$1], false)`,
      [scope],
    );
  }
  await client.query('update concurrency_limit set pending = false where scope = $1', [scope]);
  await client.query(
    'delete from concurrency_limit where scope = $1 and max is null and starts_per_s is null',
    [scope],
  );
}

async function giveSlots(client: Client, scope: string, max: number): Promise<void> {
  await client.query(
    'insert into slot (scope, n) select $1, n from generate_series(1, $2) n on conflict do nothing',
    [scope, max],
  );
  await client.query('delete from slot where scope = $1 and n > $2 and job_id is null', [scope, max]);
  await client.query(
    `with holders as (
      select id, row_number() over (order by id) as n from job_live
      where ${inScope(scope)} and (status = 'running' or (status = 'queued' and scopes is not null and gate is null))
        and not exists (select from slot where slot.scope = $1 and slot.job_id = job_live.id)
    ),
    free as (
      select n, row_number() over (order by n) as k from slot where scope = $1 and job_id is null and n <= $2
    ),
    placed as (
      update slot s set job_id = h.id from holders h join free f on f.k = h.n
      where s.scope = $1 and s.n = f.n returning s.job_id
    )
    insert into slot (scope, n, job_id)
    select $1, (select coalesce(max(n), 0) from slot where scope = $1) + row_number() over (order by id), id
    from holders where id not in (select job_id from placed)`,
    [scope, max],
  );
}

/** Resolves when all transactions have ended that may not have seen what was committed before the call. */
async function waitForOlder(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ xid: string }>('select pg_current_xact_id()::text as xid');
  for (;;) {
    const seen = await pool.query<{ over: boolean }>(
      'select pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 as over',
      [rows[0]?.xid],
    );
    if (seen.rows[0]?.over) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The leader's part: changes whose maker died before they were in force. */
export async function settleAbandoned(pool: Pool, guard: Guard): Promise<void> {
  const { rows } = await pool.query<{ scope: string }>(
    `select scope from concurrency_limit
     where pending and changed_at < now() - $2 * interval '1 second' and leads($1) order by changed_at limit 10`,
    [guard.proof, abandonedAfterS],
  );
  for (const { scope } of rows) await settleLimit(pool, scope);
}

/**
 * Opens gates while there is room; cheap when nothing waits behind one. Whoever frees a slot calls it; the leader does
 * so too, under its term.
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

/** Queues: what waits in them, by what they are ordered, and whether anything starts, as administrators change it. */
import type { Client, Queryable } from '../db/connect.ts';
import type { Policy } from '../order/policies.ts';

export interface QueueRow {
  name: string;
  paused: boolean;
  policy: Policy;
  /** How far shorter jobs overtake longer ones in the adaptive order, for jobs that come now. */
  stretch: number;
  /** Who has waited so long goes first, as people set it; null: it is reckoned. */
  promise_ms: number | null;
  /** The same, as it is kept just now; null: nobody does. */
  guard_ms: number | null;
  /** Jobs that may run at the same time; null: no limit. */
  concurrency: number | null;
  /** Null: any number. */
  starts_per_second: number | null;
  burst: number | null;
  queued: number;
  running: number;
  scheduled: number;
}

const counted = (status: string) => `(select count(*) from (
  select from job_live j where j.queue = q.name and j.status = '${status}' limit 10000) c)::int as ${status}`;

/** Every queue with what waits in it, or the one of that name. Counts stop at 10,000 per queue and state. */
export async function listQueues(db: Queryable, name: string | null = null): Promise<QueueRow[]> {
  const { rows } = await db.query<QueueRow & Record<string, unknown>>(
    `select q.name, q.paused, q.policy, q.stretch, q.promise_ms, q.guard_ms, l.max as concurrency,
       l.starts_per_s as starts_per_second, l.burst,
       ${counted('queued')}, ${counted('running')}, ${counted('scheduled')}
     from queue q left join concurrency_limit l on l.scope = 'q:' || q.name
     where $1::text is null or q.name = $1 order by q.name`,
    [name],
  );
  return rows;
}

/** Undefined leaves as it is. */
export interface QueueChange {
  paused?: boolean | undefined;
  policy?: Policy | undefined;
  /** Milliseconds; null: as it is reckoned. */
  promiseMs?: number | null | undefined;
}

/**
 * Changes a queue, and makes it when it does not exist. Running jobs go on. Jobs that come from the commit on are
 * ranked by the new policy; the leader does the same with those that wait. Run it in a transaction.
 */
export async function changeQueue(
  client: Queryable,
  name: string,
  { paused, policy, promiseMs }: QueueChange,
): Promise<void> {
  const { rows } = await client.query<{ policy: Policy }>(
    `insert into queue as q (name) values ($1) on conflict (name) do update set name = q.name returning policy`,
    [name],
  );
  await client.query(
    `update queue set paused = coalesce($2, paused), policy = coalesce($3, policy),
       promise_ms = case when $4 then $5 else promise_ms end,
       guard_ms = case when $3 <> policy or $4 then null else guard_ms end
     where name = $1`,
    [name, paused ?? null, policy ?? null, promiseMs !== undefined, promiseMs ?? null],
  );
  if (policy === undefined || policy === rows[0]?.policy) return;
  await client.query(
    `insert into rerank_queue (queue) values ($1) on conflict (queue) do update set position = default, after = null`,
    [name],
  );
}

/** Pauses or resumes a queue. */
export const pauseQueue = (db: Queryable, name: string, paused: boolean): Promise<void> =>
  changeQueue(db, name, { paused });

/** Pauses or resumes everything: nothing starts, whatever the queue. Run it in a transaction with its audit row. */
export async function pauseEverything(client: Client, paused: boolean): Promise<void> {
  await client.query(
    `insert into everything (paused) values ($1) on conflict (id) do update set paused = excluded.paused`,
    [paused],
  );
}

export async function isEverythingPaused(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ paused: boolean }>('select paused from everything');
  return rows[0]?.paused ?? false;
}

/**
 * Reading execution_logs exactly once. Rows are read in the order (xid, job_id), and only those whose transaction is
 * older than every transaction still open: nothing can appear behind the position any more. The position moves in
 * the transaction that uses the rows.
 */
import type { Client, Queryable } from '../db/connect.ts';

export interface LogRow {
  xid: string;
  job_id: string;
  tenant_id: string;
  queue: string;
  type: string;
  name: string;
  outcome: 'done' | 'failed' | 'timed_out' | 'cancelled' | 'crashed';
  final: boolean;
  attempt: number;
  runtime_ms: number;
  predicted_runtime_ms: number;
  wait_ms: number;
  size_hint: number | null;
  variant: string | null;
  logged_at: string;
  /** Known of last attempts only. */
  user_id: string | null;
  timeout_ms: number | null;
}

/** A place in the log: everything up to it has been read. */
export interface Position {
  xid: string;
  jobId: string;
}

const columns = `xid::text as xid, job_id, tenant_id, queue, type, name, outcome, final, attempt, runtime_ms,
  predicted_runtime_ms, wait_ms, size_hint, variant, logged_at, user_id, timeout_ms`;

/** The follower's position, locked for the transaction; undefined when another process follows now. */
export async function lockPosition(client: Client, name: string): Promise<Position | undefined> {
  // A plain `on conflict do nothing` would wait for whoever moves the row now; the snapshot does not.
  await client.query(
    `insert into follower (name) select $1 where not exists (select from follower where name = $1)
     on conflict do nothing`,
    [name],
  );
  const { rows } = await client.query<Position & Record<string, unknown>>(
    `select xid::text as xid, job_id as "jobId" from follower where name = $1 for update skip locked`,
    [name],
  );
  return rows[0];
}

/**
 * The next attempts after `before`, which `lockPosition` answered in this transaction, at most `limit`, with the
 * position moved past them. What is made of them belongs into the same transaction.
 */
export async function readOn(
  client: Client,
  name: string,
  before: Position,
  limit: number,
): Promise<LogRow[]> {
  const { rows } = await client.query<LogRow & Record<string, unknown>>(
    `select ${columns} from execution_logs
     where (xid, job_id) > ($1::xid8, $2::uuid) and xid < pg_snapshot_xmin(pg_current_snapshot())
     order by execution_logs.xid, job_id limit $3`,
    [before.xid, before.jobId, limit],
  );
  const last = rows.at(-1);
  if (last) {
    await client.query('update follower set xid = $2::xid8, job_id = $3 where name = $1', [
      name,
      last.xid,
      last.job_id,
    ]);
  }
  return rows;
}

/** The last attempts up to a position, at most `limit`, oldest first. */
export async function readBack(db: Queryable, upTo: Position, limit: number): Promise<LogRow[]> {
  const { rows } = await db.query<LogRow & Record<string, unknown>>(
    `select ${columns} from execution_logs
     where (xid, job_id) <= ($1::xid8, $2::uuid)
     order by execution_logs.xid desc, job_id desc limit $3`,
    [upTo.xid, upTo.jobId, limit],
  );
  return rows.reverse();
}

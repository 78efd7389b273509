import { pgArray } from '../db/arrays.ts';
import type { Queryable } from '../db/connect.ts';

/** Who did something, and under which request. */
export interface Actor {
  userId: string | null;
  orgId: string | null;
  requestId: string | null;
}

/** Writes the record of an administrative change; call it in the transaction of the change. */
export async function writeAudit(
  db: Queryable,
  actor: Actor,
  action: string,
  target: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await db.query(
    `insert into audit (actor_id, org_id, action, target, detail, request_id) values ($1, $2, $3, $4, $5, $6)`,
    [actor.userId, actor.orgId, action, target, JSON.stringify(detail), actor.requestId],
  );
}

/** The same for rows that have an owner: it is on record with their organization, whoever acted. */
export async function writeAuditOf(
  db: Queryable,
  actor: Actor,
  action: string,
  table: 'jobs' | 'schedule',
  ids: string[],
  detail: Record<string, unknown> = {},
): Promise<void> {
  await db.query(
    `insert into audit (actor_id, org_id, action, target, detail, request_id)
     select $1, org_id, $2, id::text, $3, $4 from ${table} where id = any ($5::uuid[])`,
    [actor.userId, action, JSON.stringify(detail), actor.requestId, pgArray(ids)],
  );
}

export interface AuditRow {
  id: number;
  at: string;
  actor_id: string | null;
  /** Null when the account is gone, or the system acted by itself. */
  actor: string | null;
  action: string;
  target: string;
  detail: Record<string, unknown>;
  request_id: string | null;
}

/** The newest changes of an organization, or of all (null). */
export async function listAudit(
  db: Queryable,
  { orgId, before, limit }: { orgId: string | null; before: number | null; limit: number },
): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow & Record<string, unknown>>(
    `select a.id::float8 as id, a.at, a.actor_id, u.username as actor, a.action, a.target, a.detail, a.request_id
     from audit a left join users u on u.id = a.actor_id
     where ($1::uuid is null or a.org_id = $1) and ($2::bigint is null or a.id < $2)
     order by a.id desc limit $3`,
    [orgId, before, limit],
  );
  return rows;
}

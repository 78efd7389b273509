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

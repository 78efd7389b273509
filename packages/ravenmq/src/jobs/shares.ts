/** What is set for a whole tenant: its weight beside the others, and whether its jobs start. */
import type { Queryable } from '../db/connect.ts';

export interface Share {
  tenant_id: string;
  weight: number;
  paused: boolean;
}

/** Undefined leaves as it is. */
export interface ShareChange {
  weight?: number | undefined;
  paused?: boolean | undefined;
}

/**
 * A tenant with twice the weight gets twice the time of the slots while both have jobs waiting. Paused, its jobs stay
 * where they are; running ones go on. Run it in a transaction.
 */
export async function changeShare(
  client: Queryable,
  tenantId: string,
  { weight, paused }: ShareChange,
): Promise<Share> {
  const { rows } = await client.query<Share & Record<string, unknown>>(
    `insert into share as s (tenant_id, weight, paused) values ($1, coalesce($2, 1), coalesce($3, false))
     on conflict (tenant_id) do update set weight = coalesce($2, s.weight), paused = coalesce($3, s.paused)
     returning tenant_id, weight, paused`,
    [tenantId, weight ?? null, paused ?? null],
  );
  const share = rows[0] as Share;
  await client.query('update turn set weight = $2, paused = $3 where tenant_id = $1', [
    tenantId,
    share.weight,
    share.paused,
  ]);
  return share;
}

/** Tenants for which something was set, or the given ones; the others have weight 1. */
export async function listShares(db: Queryable, tenants: string[] | null): Promise<Share[]> {
  const { rows } = await db.query<Share & Record<string, unknown>>(
    `select tenant_id, weight, paused from share where $1::uuid[] is null or tenant_id = any ($1)
     order by weight desc, tenant_id limit 1000`,
    [tenants],
  );
  return rows;
}

/** Keys for machines. A key is 32 random bytes, shown once; the database holds its SHA-256. */
import { hash, randomBytes } from 'node:crypto';
import { pgArray } from '../db/arrays.ts';
import type { Client, Queryable } from '../db/connect.ts';
import { type Actor, writeAudit } from './audit.ts';
import type { UserRow } from './users.ts';

export const keyPrefix = 'rmq_';

export interface ApiKeyRow {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

/** What the database knows a key by, in hexadecimal digits. */
export const hashOfKey = (key: string): string => hash('sha256', key, 'hex');
const bytea = (hex: string): string => `\\x${hex}`;

/** Run it in a transaction. The key is in the answer and nowhere else. */
export async function createApiKey(
  client: Client,
  actor: Actor & { userId: string },
  name: string,
): Promise<ApiKeyRow & { key: string }> {
  const key = `${keyPrefix}${randomBytes(32).toString('base64url')}`;
  const { rows } = await client.query<ApiKeyRow>(
    `insert into api_key (user_id, name, key_hash) values ($1, $2, $3) returning id, name, created_at, last_used_at`,
    [actor.userId, name, bytea(hashOfKey(key))],
  );
  const row = rows[0] as ApiKeyRow;
  await writeAudit(client, actor, 'api_key.create', row.id, { name });
  return { ...row, key };
}

export async function listApiKeys(db: Queryable, userId: string): Promise<ApiKeyRow[]> {
  const { rows } = await db.query<ApiKeyRow & Record<string, unknown>>(
    `select id, name, created_at, last_used_at from api_key
     where user_id = $1 and revoked_at is null order by created_at desc limit 1000`,
    [userId],
  );
  return rows;
}

/** Run it in a transaction. False when the user has no such key. */
export async function revokeApiKey(
  client: Client,
  actor: Actor & { userId: string },
  id: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'update api_key set revoked_at = now() where id = $1 and user_id = $2 and revoked_at is null',
    [id, actor.userId],
  );
  if (rowCount) await writeAudit(client, actor, 'api_key.revoke', id);
  return rowCount === 1;
}

/** The owners of the keys that are in force, by the key's hash; notes their use at most once a minute. */
export async function ownersOfKeys(db: Queryable, hashes: string[]): Promise<Map<string, UserRow>> {
  const { rows } = await db.query<UserRow & { hash: string; key_id: string; fresh: boolean }>({
    name: 'owners_of_keys',
    text: `select u.id, u.username, u.role, u.org_id, u.session_version, u.created_at, k.id as key_id,
        encode(k.key_hash, 'hex') as hash, coalesce(k.last_used_at > now() - interval '1 minute', false) as fresh
      from api_key k join users u on u.id = k.user_id
      where k.key_hash = any ($1::bytea[]) and k.revoked_at is null`,
    values: [pgArray(hashes.map(bytea))],
  });
  const used = rows.filter((row) => !row.fresh).map((row) => row.key_id);
  if (used.length > 0) await db.query('update api_key set last_used_at = now() where id = any ($1)', [used]);
  return new Map(rows.map((row) => [row.hash, row]));
}

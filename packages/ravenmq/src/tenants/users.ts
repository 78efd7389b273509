import type { Queryable } from '../db/connect.ts';

export type Role = 'admin' | 'org_admin' | 'user';

export interface UserRow {
  id: string;
  username: string;
  role: Role;
  org_id: string | null;
  created_at: string;
  session_version: number;
}

const columns = 'id, username, role, org_id, created_at, session_version';

/** Undefined when the name is taken; names differ in more than case. */
export async function insertUser(
  db: Queryable,
  username: string,
  passwordHash: string,
  role: Role = 'user',
): Promise<UserRow | undefined> {
  const { rows } = await db.query<UserRow & Record<string, unknown>>(
    `insert into users (username, password_hash, role) values ($1, $2, $3)
     on conflict (lower(username)) do nothing returning ${columns}`,
    [username, passwordHash, role],
  );
  return rows[0];
}

export async function findUsers(db: Queryable, ids: string[]): Promise<Map<string, UserRow>> {
  const { rows } = await db.query<UserRow & Record<string, unknown>>({
    name: 'find_users',
    text: `select ${columns} from users where id = any ($1)`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

export async function findUserByName(
  db: Queryable,
  username: string,
): Promise<(UserRow & { password_hash: string }) | undefined> {
  const { rows } = await db.query<UserRow & { password_hash: string } & Record<string, unknown>>(
    `select ${columns}, password_hash from users where lower(username) = lower($1)`,
    [username],
  );
  return rows[0];
}

export async function listUsers(db: Queryable): Promise<UserRow[]> {
  const { rows } = await db.query<UserRow & Record<string, unknown>>(
    `select ${columns} from users order by created_at, id limit 10000`,
  );
  return rows;
}

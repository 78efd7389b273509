import { randomBytes } from 'node:crypto';
import { type Pool, transaction } from '../db/connect.ts';
import { hashPassword } from './passwords.ts';
import { insertUser } from './users.ts';

/**
 * Makes the administrator when there is none. Any number of processes may call it at once. Answers the password when
 * it made one up; it is not kept anywhere.
 */
export async function ensureAdmin(
  pool: Pool,
  { username, password }: { username: string; password: string },
): Promise<string | undefined> {
  if (await adminExists(pool)) return undefined;
  const chosen = password || randomBytes(12).toString('base64url');
  const hash = await hashPassword(chosen);
  return transaction(pool, async (client) => {
    await client.query('lock table users in share row exclusive mode');
    if (await adminExists(client)) return undefined;
    if (!(await insertUser(client, username, hash, 'admin'))) {
      throw new Error(
        `There is no administrator, and the user name ${username} is taken: set RAVENMQ_ADMIN_USERNAME to another.`,
      );
    }
    return password ? undefined : chosen;
  });
}

async function adminExists(db: Pick<Pool, 'query'>): Promise<boolean> {
  const { rowCount } = await db.query(`select from users where role = 'admin' limit 1`);
  return rowCount === 1;
}

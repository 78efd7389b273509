import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { ensureAdmin } from './first-admin.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { insertUser } from './users.ts';

test('of many that start at once one makes the administrator and tells its password', async ({ db }) => {
  const passwords = await Promise.all(
    Array.from({ length: 8 }, () => ensureAdmin(db.pool, { username: 'admin', password: '' })),
  );
  const told = passwords.filter((password) => password !== undefined);
  const { rows } = await db.pool.query('select username, role, password_hash from users');
  expect(rows).toMatchObject([{ username: 'admin', role: 'admin' }]);
  expect(told).toHaveLength(1);
  expect(await checkPassword(rows[0].password_hash, told[0] as string)).toBe(true);
  expect(await ensureAdmin(db.pool, { username: 'other', password: '' })).toBeUndefined();
});

test('a user who has the name is not made administrator', async ({ db }) => {
  await insertUser(db.pool, 'admin', await hashPassword('secret-1'), 'user');
  await expect(ensureAdmin(db.pool, { username: 'admin', password: '' })).rejects.toThrow(
    'set RAVENMQ_ADMIN_USERNAME to another',
  );
  const { rows } = await db.pool.query('select role from users');
  expect(rows).toEqual([{ role: 'user' }]);
});

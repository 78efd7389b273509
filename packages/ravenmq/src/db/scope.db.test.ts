import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme } from '../../test/jobs.ts';
import { silentLogger } from '../log.ts';
import { connect } from './connect.ts';
import { inScope } from './scope.ts';

test('nothing of a scope stays on the connection, whether its work succeeds or fails', async ({ db }) => {
  const pool = connect({ ...db, max: 1, applicationName: db.schema, log: silentLogger });
  const settings = async () =>
    (
      await pool.query(
        `select current_user as role, coalesce(current_setting('ravenmq.tenants', true), '') as tenants,
           current_setting('statement_timeout') as timeout`,
      )
    ).rows[0];
  const before = await settings();
  const scope = { all: false as const, tenants: [acme] };

  await inScope(pool, db.schema, scope, (client) => client.query('select 1'));
  expect(await settings()).toEqual(before);
  await expect(
    inScope(pool, db.schema, scope, (client) => client.query('select 1 / 0')),
  ).rejects.toMatchObject({ code: '22012' });
  expect(await settings()).toEqual(before);
  await pool.end();
});

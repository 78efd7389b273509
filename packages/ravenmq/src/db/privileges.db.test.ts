/** What a managed server gives its customers is enough: no superuser, no extension. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, inject, onTestFinished } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, expireLeases, finish, leadership, submitted } from '../../test/jobs.ts';
import { reclaimExpired } from '../jobs/reclaim.ts';
import { silentLogger } from '../log.ts';
import { keepPartitions } from '../scheduler/housekeeping.ts';
import { connect, type Pool } from './connect.ts';
import { migrate } from './migrate.ts';
import { inScope } from './scope.ts';

/** A pool of a role that may do what `rights` say, and a schema of its own, gone after the test. */
async function customer(rights: (role: string, schema: string) => string[]): Promise<[Pool, string]> {
  const url = new URL(inject('directUrl'));
  const role = `r_${randomBytes(6).toString('hex')}`;
  const schema = `s_${role}`;
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  await admin.query(`create role ${role} login password 'secret' nosuperuser nobypassrls nocreatedb`);
  for (const right of rights(role, schema)) await admin.query(right);
  url.username = role;
  url.password = 'secret';
  const pool = connect({ url: url.href, schema, max: 4, applicationName: role, log: silentLogger });
  onTestFinished(async () => {
    await pool.end();
    await admin.query(`drop schema if exists ${schema} cascade; drop role if exists ${schema}_api;
      drop owned by ${role} cascade; drop role ${role}`);
    await admin.end();
  });
  return [pool, schema];
}

async function everythingWorks(pool: Pool, schema: string): Promise<void> {
  await migrate(pool, schema);
  const guard = await leadership(pool);
  await submitted(pool, {}, {});
  const jobs = await claim(pool, { count: 2 });
  expect(await finish(pool, aFinish(jobs[0] as (typeof jobs)[0]))).toEqual([]);
  await expireLeases(pool);
  expect((await reclaimExpired(pool, guard, 10)).count).toBe(1);
  await keepPartitions(pool, guard, 30);
  const seen = (tenants: string[]) =>
    inScope(pool, schema, { all: false, tenants }, async (client) =>
      Number((await client.query('select count(*) as n from jobs')).rows[0].n),
    );
  expect([await seen([acme]), await seen([])]).toEqual([2, 0]);
  const { rows } = await pool.query(`select extname from pg_extension where extname <> 'plpgsql'`);
  expect(rows).toEqual([]);
}

test('a role that may create schemas and roles can run everything', async () => {
  await everythingWorks(
    ...(await customer((role) => [
      `alter role ${role} createrole`,
      `grant create on database ${new URL(inject('directUrl')).pathname.slice(1)} to ${role}`,
    ])),
  );
});

test('a role that may create neither can, when an administrator made its schema and the role of the API', async () => {
  await everythingWorks(
    ...(await customer((role, schema) => [
      `create schema ${schema} authorization ${role}`,
      `create role ${schema}_api nologin`,
      `grant ${schema}_api to ${role} with admin option`,
    ])),
  );
});

import { expect } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { silentLogger } from '../log.ts';
import { connect, type Pool } from './connect.ts';
import { migrate } from './migrate.ts';

test('migrating again changes nothing, however many do it at once', async ({ db }) => {
  expect(await Promise.all([1, 2, 3].map(() => migrate(db.pool, db.schema)))).toEqual([[], [], []]);
});

/** Runs `work` while a transaction of somebody else, which has run `statement`, is open, until `end` is called. */
async function whileHeld(
  pool: Pool,
  statement: string,
  work: (end: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(statement);
    await work(() => client.query('commit'));
  } finally {
    // Also when the test fails: the schema could not be dropped meanwhile.
    await client.query('rollback');
    client.release();
  }
}

test('a process waits for another that migrates, however long that takes', async ({ db }) => {
  const lock = `select pg_advisory_xact_lock(hashtext('${db.schema}'), 1)`;
  await whileHeld(db.pool, lock, async (end) => {
    const impatient = connect({
      ...db,
      max: 1,
      applicationName: 'impatient',
      log: silentLogger,
      statementTimeoutMs: 100,
    });
    const migrating = migrate(impatient, db.schema);

    // Still waiting, past the limits of a statement and of its answer.
    const waiting = `select from pg_locks where locktype = 'advisory' and objid = 1 and not granted
      and classid::bigint = hashtext($1)::bigint & 4294967295
      and clock_timestamp() - waitstart > interval '300 milliseconds'`;
    await eventually(async () => (await db.pool.query(waiting, [db.schema])).rowCount === 1);
    await end();
    expect(await migrating).toEqual([]);
    await impatient.end();
  });
});

test('a migration steps back from a table in long use, and goes on when it is free', async ({ db }) => {
  await whileHeld(db.pool, 'lock table migration', async (end) => {
    const migrating = migrate(db.pool, db.schema);
    const waiting = `select from pg_locks where not granted and relation = 'migration'::regclass`;
    await eventually(async () => (await db.pool.query(waiting)).rowCount === 1);
    await eventually(async () => (await db.pool.query(waiting)).rowCount === 0);
    await end();

    expect(await migrating).toEqual([]);
  });
});

test('a database of a newer version, and an edited migration, are refused with what to do', async ({
  db,
}) => {
  await db.pool.query(`insert into migration (version, name, checksum) values (9999, 'future', 'x')`);
  await expect(migrate(db.pool, db.schema)).rejects.toThrow('start a newer RavenMQ');
  await db.pool.query(
    `delete from migration where version = 9999; update migration set checksum = 'x' where version = 2`,
  );
  await expect(migrate(db.pool, db.schema)).rejects.toThrow('restore the file as released');
});

test('the week ahead has partitions, old days are dropped, rows of other days find a place', async ({
  db,
}) => {
  const days = async () =>
    (await db.pool.query(`select count(*) as n from pg_inherits where inhparent = 'job_history'::regclass`))
      .rows[0].n;
  await db.pool.query('select ensure_partitions(7)');
  // Yesterday, today, seven days ahead, and the default.
  expect(await days()).toBe(10);
  expect((await db.pool.query('select ensure_partitions(7) as made')).rows[0].made).toBe(0);
  await db.pool.query(
    `create table job_history_20200101 partition of job_history
     for values from ('016f5e66-e800-0000-0000-000000000000') to ('016f638d-4400-0000-0000-000000000000')`,
  );
  expect((await db.pool.query('select drop_old_partitions(30) as dropped')).rows[0].dropped).toBe(1);
  expect(await days()).toBe(10);
});

test('a day whose rows already lie in the default partition does not stop the others', async ({ db }) => {
  await db.pool.query(
    `insert into attempt (job_id, fence, attempt, tenant_id, queue, type, name, outcome, final, runtime_ms,
       predicted_runtime_ms, wait_ms, worker_id, logged_at)
     values (uuid7_floor(now() + interval '3 days'), 1, 1, gen_random_uuid(), 'q', 't', 'n', 'done', true, 1, 1, 1, 'w', now())`,
  );
  const { rows } = await db.pool.query('select ensure_partitions(7) as made');
  expect(rows[0].made).toBe(23);
});

test('ids made by the database are UUIDs of version 7 of the present moment', async ({ db }) => {
  const { rows } = await db.pool.query(
    `select uuid7()::text as id, uuid7() >= uuid7_floor(clock_timestamp() - interval '1 minute') as recent,
       uuid7() < uuid7_floor(clock_timestamp() + interval '1 minute') as not_ahead`,
  );
  expect(rows[0]).toMatchObject({ recent: true, not_ahead: true });
  expect(rows[0].id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

/**
 * Applies the numbered SQL files of ./migrations in order, each once, under an advisory lock, all in one
 * transaction: an installation is never half-way between two versions. Files are forward-only and never edited
 * after a release; a checksum notices it when one was.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { type Pool, type Statement, transaction } from './connect.ts';

const folder = new URL('./migrations/', import.meta.url);
/** Second key of the two-integer advisory lock; the first is the hash of the schema's name. */
const migrationLock = 1;
/** A migration may take its time, and so may waiting for another process that migrates: a day, in milliseconds. */
const patienceMs = 86_400_000;
const lockNotAvailable = '55P03';

interface Migration {
  version: number;
  name: string;
  sql: string;
  checksum: string;
}

async function readMigrations(): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}_.+\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, folder), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { version: Number(file.slice(0, 4)), name: file.slice(5, -4), sql, checksum };
    }),
  );
}

/**
 * Brings the schema up to date and returns the versions that were applied now. Safe to call from any number of
 * processes. Where a table is in long use, such as by a backup, it steps back and tries again for a minute: whoever
 * comes after a migration that waits for a table waits as well.
 */
export async function migrate(pool: Pool, schema: string): Promise<number[]> {
  const migrations = await readMigrations();
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyPending(pool, schema, migrations);
    } catch (error) {
      if ((error as { code?: string }).code !== lockNotAvailable || attempt >= 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

function applyPending(pool: Pool, schema: string, migrations: Migration[]): Promise<number[]> {
  return transaction(pool, async (client) => {
    await refuseOldServer(client);
    await client.query('set local statement_timeout = 0');
    await client.query({
      text: 'select pg_advisory_xact_lock(hashtext($1), $2)',
      values: [schema, migrationLock],
      query_timeout: patienceMs,
    } as Statement);
    await client.query(`set local lock_timeout = '2s'`);
    // Asked first: `if not exists` needs the right to create schemas even where there is one.
    const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [schema]);
    if (rowCount === 0) await client.query(`create schema ${schema}`);
    await client.query(`create table if not exists migration (
      version integer primary key, name text not null, checksum text not null,
      applied_at timestamptz not null default now())`);
    const applied = new Map(
      (
        await client.query<{ version: number; checksum: string }>('select version, checksum from migration')
      ).rows.map((row) => [row.version, row.checksum]),
    );
    refuseUnknown(migrations, applied);
    const pending = migrations.filter((migration) => !applied.has(migration.version));
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.version);
  });
}

/** The number is server_version_num of PostgreSQL 16. */
const oldestServer = 160_000;

async function refuseOldServer(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ version: string; number: string }>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number`,
  );
  const [server] = rows;
  if (server && Number(server.number) < oldestServer) {
    throw new Error(`The database is PostgreSQL ${server.version}; RavenMQ needs 16 or newer.`);
  }
}

async function apply(client: pg.PoolClient, migration: Migration): Promise<void> {
  await client.query({ text: migration.sql, query_timeout: patienceMs } as Statement);
  await client.query('insert into migration (version, name, checksum) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.checksum,
  ]);
}

function refuseUnknown(migrations: Migration[], applied: Map<number, string>): void {
  for (const [version, checksum] of applied) {
    const known = migrations.find((migration) => migration.version === version);
    if (!known)
      throw new Error(
        `The database has migration ${version}, which this version of RavenMQ does not know: start a newer RavenMQ.`,
      );
    if (known.checksum !== checksum)
      throw new Error(
        `Migration ${version} (${known.name}) was applied with other contents: restore the file as released.`,
      );
  }
}

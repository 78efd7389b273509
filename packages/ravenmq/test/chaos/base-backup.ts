/**
 * A copy of a running server's data, made by SQL and by copying files, as the embedded programs come without
 * pg_basebackup. Files change and go while they are copied: the log from the backup's start on makes them whole.
 */
import { chown, copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { EmbeddedPostgres } from '../../src/embedded/postgres.ts';

/** Folders of the running server alone: the copy begins with empty ones. */
const leftEmpty = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
]);
const leftOut = /^(postmaster\.(pid|opts)|backup_label|standby\.signal|pg_internal\.init|pgsql_tmp.*)$/;

/** Puts the copy into `to`, which must not exist; a server started on it is a standby. */
export async function takeBaseBackup({ url, dataFolder }: EmbeddedPostgres, to: string): Promise<void> {
  // The session that starts a backup has to end it.
  const client = new pg.Client({ connectionString: url, application_name: 'chaos harness' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(`select pg_backup_start('standby', fast => true)`);
    await copyFolder(dataFolder, to);
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(wait_for_archive => false)',
    );
    await writeOwned(join(to, 'backup_label'), rows[0]?.labelfile ?? '', dataFolder);
    await writeOwned(join(to, 'standby.signal'), '', dataFolder);
  } finally {
    await client.end();
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  const { uid, gid } = await stat(from);
  await mkdir(to, { mode: 0o700 });
  await chown(to, uid, gid);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (leftOut.test(entry.name)) continue;
    const source = join(from, entry.name);
    const copy = join(to, entry.name);
    if (entry.isDirectory() && leftEmpty.has(entry.name)) {
      await mkdir(copy, { mode: 0o700 });
      await chown(copy, uid, gid);
    } else if (entry.isDirectory()) {
      await copyFolder(source, copy);
    } else if (await copiedFile(source, copy)) {
      await chown(copy, uid, gid);
    }
  }
}

/** False when the file is gone: a table was dropped meanwhile. */
async function copiedFile(source: string, copy: string): Promise<boolean> {
  try {
    await copyFile(source, copy);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function writeOwned(file: string, text: string, like: string): Promise<void> {
  const { uid, gid } = await stat(like);
  await writeFile(file, text, { mode: 0o600 });
  await chown(file, uid, gid);
}

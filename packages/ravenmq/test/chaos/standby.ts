/** A standby of a running server: a copy that follows it over a wire of its own, which can be slow. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { silentLogger } from '../../src/log.ts';
import { eventually } from '../eventually.ts';
import { takeBaseBackup } from './base-backup.ts';
import { clear, startProxy } from './proxy.ts';

export type Replication = 'asynchronous' | 'synchronous';

export interface Standby {
  readonly server: EmbeddedPostgres;
  /** Makes it the primary; what is still on the wire is lost. The old one must be dead, and stay so. */
  promote(): Promise<void>;
}

export interface StandbyOptions {
  primary: EmbeddedPostgres;
  /** Of the primary. */
  primaryDir: string;
  /** Where the standby's data go; a folder that is there and empty. */
  dataDir: string;
  settings: string[];
  replication: Replication;
  /** What the wire between the two delays, each way, in milliseconds. */
  delayMs: number;
}

/** The standby's name at its primary. */
const name = 'standby';

/** Resolves when it follows, and, in the synchronous case, when every commit waits for it. */
export async function startStandby(options: StandbyOptions): Promise<Standby> {
  const { primary, primaryDir, dataDir, settings, replication, delayMs } = options;
  const wire = await startProxy({ target: () => ({ host: '127.0.0.1', port: primary.port }) });
  await takeBaseBackup(primary, join(dataDir, 'postgres'));
  await copyFile(join(primaryDir, 'postgres-password'), join(dataDir, 'postgres-password'));
  const server = await startEmbeddedPostgres({
    dataDir,
    log: silentLogger,
    settings: [...settings, `primary_conninfo=${conninfo(primary.url, wire.port)}`],
  });
  const admin = new pg.Pool({ connectionString: primary.url, max: 2, application_name: 'chaos harness' });
  admin.on('error', () => {});
  try {
    await followed(admin, 'async');
    wire.weather = { ...clear, delayMs };
    if (replication === 'synchronous') await waitForIt(admin);
  } finally {
    await admin.end();
  }
  return {
    server,
    async promote() {
      await wire.stop();
      const client = new pg.Client({ connectionString: server.url, application_name: 'chaos harness' });
      await client.connect();
      const { rows } = await client.query<{ promoted: boolean }>('select pg_promote() as promoted');
      await client.end();
      if (!rows[0]?.promoted) throw new Error('The standby was not promoted within its 60 s.');
    },
  };
}

function conninfo(url: string, port: number): string {
  const { username, password } = new URL(url);
  const parts = { host: '127.0.0.1', port, user: username, password: decodeURIComponent(password) };
  return [...Object.entries(parts), ['application_name', name]].map((pair) => pair.join('=')).join(' ');
}

async function followed(admin: pg.Pool, as: 'async' | 'sync'): Promise<void> {
  const follows = async () => {
    const { rows } = await admin.query(
      `select from pg_stat_replication where application_name = $1 and state = 'streaming' and sync_state = $2`,
      [name, as],
    );
    return rows.length > 0;
  };
  await eventually(follows, { timeoutMs: 60_000, everyMs: 20 });
}

/**
 * From here on no commit is acknowledged that the standby has not written. That the setting is in force is known when
 * a commit was seen waiting, and that the standby has what was committed before, when one more has waited.
 */
async function waitForIt(admin: pg.Pool): Promise<void> {
  const commit = () => admin.query(`select pg_logical_emit_message(true, 'chaos', '')`);
  await admin.query(`alter system set synchronous_standby_names = '${name}'`);
  await admin.query('select pg_reload_conf()');
  await followed(admin, 'sync');
  const waits = async () => {
    const committed = commit();
    const { rows } = await admin.query(`select from pg_stat_activity where wait_event = 'SyncRep'`);
    await committed;
    return rows.length > 0;
  };
  await eventually(waits, { timeoutMs: 30_000 });
  await commit();
}

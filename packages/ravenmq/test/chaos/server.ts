/** The PostgreSQL of a run: started, crashed, stopped and started again on the same data, reached through proxies. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { isAlive, serversOf } from '../../src/embedded/process.ts';
import { silentLogger } from '../../src/log.ts';
import { eventually } from '../eventually.ts';
import { type ChaosProxy, startProxy } from './proxy.ts';
import { type Replication, type Standby, startStandby } from './standby.ts';

/** Runs one statement as the superuser, not through any proxy. */
export type Query = <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<R[]>;

export interface Server {
  /** Where it listens now; another port after every start. */
  readonly url: string;
  readonly dataFolder: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Whether it is meant to run. */
  readonly up: boolean;
  readonly query: Query;
  proxy(random?: () => number): Promise<{ proxy: ChaosProxy; url: string }>;
  /** kill -9 of the server and all its parts. */
  crash(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Starts a standby; `delayMs` is how far behind it is. Resolves when it follows. */
  replicate(replication: Replication, delayMs: number): Promise<void>;
  /** kill -9, and the standby in its place, where all proxies lead from then on. Answers what is left of the dead one. */
  failOver(): Promise<DeadServer>;
  /** Ends it for good and removes its data. */
  remove(): Promise<void>;
}

/** A primary that was killed. It never serves again. */
export interface DeadServer {
  /** Lets its data be read once, by a server on a port that nobody else knows, and removes them. */
  examine<T>(read: (query: Query) => Promise<T>): Promise<T>;
}

const common = ['max_connections=300', 'log_min_messages=warning'];
/** For a small disk: little log kept. */
const sparing = ['max_wal_size=48MB', 'min_wal_size=32MB', 'shared_buffers=32MB'];

/** `folder`: where its data go, on a small disk; a new temporary folder when not given. */
export async function startServer({ folder }: { folder?: string } = {}): Promise<Server> {
  const made: string[] = [];
  let dataDir = folder ?? (await newFolder());
  await chmod(dataDir, 0o711);
  const settings = folder ? [...common, ...sparing] : common;
  let running = await launch();
  let up = true;
  let admin = connect(running.url);
  let standby: Standby | undefined;
  let standbyDir = '';

  async function newFolder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'ravenmq-chaos-'));
    made.push(path);
    // The server's own user, for runs as root, must get through.
    await chmod(path, 0o711);
    return path;
  }

  function launch(): Promise<EmbeddedPostgres> {
    return startEmbeddedPostgres({ dataDir, log: silentLogger, settings });
  }

  async function crash(): Promise<void> {
    up = false;
    await killAll(running.dataFolder);
    await halt();
  }

  async function halt(): Promise<void> {
    up = false;
    await running.stop();
    await admin.end().catch(() => {});
  }

  return {
    get url() {
      return running.url;
    },
    get dataFolder() {
      return running.dataFolder;
    },
    get pid() {
      return running.pid;
    },
    get up() {
      return up;
    },
    query: (text, values) => queryOf(admin)(text, values),
    async proxy(random) {
      const proxy = await startProxy({
        target: () => ({ host: '127.0.0.1', port: running.port }),
        ...(random && { random }),
      });
      const url = new URL(running.url);
      url.port = String(proxy.port);
      return { proxy, url: url.href };
    },
    crash,
    stop: halt,
    async start() {
      running = await launch();
      admin = connect(running.url);
      up = true;
    },
    async replicate(replication, delayMs) {
      standbyDir = await newFolder();
      standby = await startStandby({
        primary: running,
        primaryDir: dataDir,
        dataDir: standbyDir,
        settings,
        replication,
        delayMs,
      });
    },
    async failOver() {
      if (!standby) throw new Error('There is no standby: replicate() first.');
      const deadDir = dataDir;
      await crash();
      await standby.promote();
      running = standby.server;
      dataDir = standbyDir;
      standby = undefined;
      admin = connect(running.url);
      up = true;
      return { examine: (read) => examine(deadDir, settings, read) };
    },
    async remove() {
      await standby?.server.stop();
      if (up) await halt();
      for (const path of made) await rm(path, { recursive: true, force: true });
    },
  };
}

async function killAll(dataFolder: string): Promise<void> {
  const parts = serversOf(dataFolder);
  for (const pid of parts) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
  await eventually(() => !parts.some(isAlive));
}

async function examine<T>(
  dataDir: string,
  settings: string[],
  read: (query: Query) => Promise<T>,
): Promise<T> {
  const server = await startEmbeddedPostgres({
    dataDir,
    log: silentLogger,
    settings: [...settings, 'default_transaction_read_only=on'],
  });
  const pool = connect(server.url);
  try {
    return await read(queryOf(pool));
  } finally {
    await pool.end();
    await killAll(server.dataFolder);
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const queryOf =
  (pool: pg.Pool): Query =>
  async <R extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
    (await pool.query<R>(text, values)).rows;

function connect(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4, application_name: 'chaos harness' });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

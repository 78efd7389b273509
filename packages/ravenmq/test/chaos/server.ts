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

export interface Server {
  /** Where it listens now; another port after every start. */
  readonly url: string;
  readonly dataFolder: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Whether it is meant to run. */
  readonly up: boolean;
  /** Runs one statement as the superuser, not through any proxy. */
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  proxy(random?: () => number): Promise<{ proxy: ChaosProxy; url: string }>;
  /** kill -9 of the server and all its parts. */
  crash(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good and removes its data. */
  remove(): Promise<void>;
}

const common = ['max_connections=300', 'log_min_messages=warning'];
/** For a small disk: little log kept. */
const sparing = ['max_wal_size=48MB', 'min_wal_size=32MB', 'shared_buffers=32MB'];

/** `folder`: where its data go, on a small disk; a new temporary folder when not given. */
export async function startServer({ folder }: { folder?: string } = {}): Promise<Server> {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'ravenmq-chaos-')));
  // The server's own user, for runs as root, must get through.
  await chmod(dataDir, 0o711);
  const settings = folder ? [...common, ...sparing] : common;
  let running = await launch();
  let up = true;
  let admin = connect(running.url);

  function launch(): Promise<EmbeddedPostgres> {
    return startEmbeddedPostgres({ dataDir, log: silentLogger, settings });
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
    async query<R extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      return (await admin.query<R>(text, values)).rows;
    },
    async proxy(random) {
      const proxy = await startProxy({
        target: () => ({ host: '127.0.0.1', port: running.port }),
        ...(random && { random }),
      });
      const url = new URL(running.url);
      url.port = String(proxy.port);
      return { proxy, url: url.href };
    },
    async crash() {
      up = false;
      const parts = serversOf(running.dataFolder);
      for (const pid of parts) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended by itself in the meantime.
        }
      }
      await eventually(() => !parts.some(isAlive));
      await halt();
    },
    stop: halt,
    async start() {
      running = await launch();
      admin = connect(running.url);
      up = true;
    },
    async remove() {
      if (up) await halt();
      if (!folder) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function connect(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4, application_name: 'chaos harness' });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/**
 * A real PostgreSQL for people who have none: started with us, stopped with us, also when we are killed. Reachable
 * on loopback only, with a random password and port.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Logger } from '../log.ts';
import { type Account, serverAccount } from './account.ts';
import { prepareBinaries } from './binaries.ts';
import { type DataFolder, prepareDataFolder, serverEnvironment, superuser } from './data-folder.ts';
import { lockFolder } from './folder-lock.ts';
import { endProcess, servesFolder, startMark } from './process.ts';

export interface EmbeddedPostgres {
  url: string;
  port: number;
  /** PGDATA */
  dataFolder: string;
  /** Process id of the server. */
  pid: number;
  stop(): Promise<void>;
}

/** How long a start is retried while an old server may still be going, in milliseconds. */
const startWithinMs = 10_000;

const shutDown: [NodeJS.Signals, number][] = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 2_000],
];

export async function startEmbeddedPostgres(options: {
  dataDir: string;
  log: Logger;
  /** More settings for the server, as name=value. */
  settings?: string[];
}): Promise<EmbeddedPostgres> {
  const { log, settings = [] } = options;
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const lock = lockFolder(dataDir);
  try {
    const account = serverAccount();
    const binaries = prepareBinaries(account);
    const folder = await prepareDataFolder(dataDir, binaries, account, log);
    await endLeftover(folder.path, log);
    const logFile = join(dataDir, 'postgres.log');
    const { child, port, url } = await startUntilReady(binaries.postgres, folder, account, logFile, settings);
    const pid = child.pid as number;
    const watchdog = watch(pid);
    log.info({ event: 'postgres_started', port, dataFolder: folder.path });
    return {
      url,
      port,
      dataFolder: folder.path,
      pid,
      async stop() {
        await endProcess(pid, shutDown);
        watchdog.stdin?.end();
        lock.unlock();
      },
    };
  } catch (error) {
    lock.unlock();
    throw error;
  }
}

/** A server that outlived a killed parent is shut down; a pid file that names some other process is removed. */
async function endLeftover(dataFolder: string, log: Logger): Promise<void> {
  const file = join(dataFolder, 'postmaster.pid');
  let pid: number;
  try {
    pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  } catch {
    return;
  }
  if (servesFolder(pid, dataFolder)) {
    log.warn({ event: 'leftover_postgres_ended', pid });
    await endProcess(pid, shutDown);
  }
  rmSync(file, { force: true });
}

async function startUntilReady(
  program: string,
  folder: DataFolder,
  account: Account | undefined,
  logFile: string,
  settings: string[],
): Promise<{ child: ChildProcess; port: number; url: string }> {
  const until = performance.now() + startWithinMs;
  for (let pauseMs = 100; ; pauseMs *= 2) {
    const port = await freePort();
    const url = `postgres://${superuser}:${encodeURIComponent(folder.password)}@127.0.0.1:${port}/postgres`;
    const child = launch(program, folder.path, account, port, logFile, settings);
    if (await ready(child, url)) return { child, port, url };
    child.kill('SIGQUIT');
    if (performance.now() > until) {
      throw new Error(`The embedded PostgreSQL does not start; its log, ${logFile}, says why.`);
    }
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}

function launch(
  program: string,
  dataFolder: string,
  account: Account | undefined,
  port: number,
  logFile: string,
  settings: string[],
): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  const configured = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=128MB',
    'max_wal_size=1GB',
    'log_timezone=UTC',
    ...settings,
  ];
  // A group of its own: Ctrl-C in the terminal reaches us first, and we end the server last.
  const child = spawn(program, ['-D', dataFolder, ...configured.flatMap((setting) => ['-c', setting])], {
    ...account,
    detached: true,
    cwd: dataFolder,
    env: serverEnvironment,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  return child;
}

async function ready(child: ChildProcess, url: string): Promise<boolean> {
  for (let attempt = 0; attempt < 400 && child.exitCode === null && child.signalCode === null; attempt++) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch {
      await new Promise((done) => setTimeout(done, 25));
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

function watch(pid: number): ChildProcess {
  const script = fileURLToPath(new URL('./watchdog.ts', import.meta.url));
  const child = spawn(process.execPath, [script, String(pid), String(startMark(pid))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  return child;
}

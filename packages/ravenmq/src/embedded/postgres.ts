/**
 * A real PostgreSQL for people who have none: started with us, stopped with us, also when we are killed. Reachable
 * on loopback only, with a random password and port.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../log.ts';
import { prepareBinaries } from './binaries.ts';
import { openData } from './data-folder.ts';
import { makeDataDir, placeData } from './data-place.ts';
import { lockFolder } from './folder-lock.ts';
import { endProcess, serversOf, servesFolder, startMark } from './process.ts';
import { startServer } from './server-process.ts';

export interface EmbeddedPostgres {
  url: string;
  port: number;
  /** PGDATA */
  dataFolder: string;
  /** Process id of the server. */
  pid: number;
  stop(): Promise<void>;
}

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
  makeDataDir(dataDir);
  const locks = [await lockFolder(dataDir)];
  const unlock = () => {
    for (const lock of locks) lock.unlock();
  };
  try {
    const place = placeData(dataDir, log);
    const { path, account } = place;
    const binaries = prepareBinaries(account);
    const password = await openData(dataDir, place, binaries);
    // Data elsewhere are named by a note, and a copied note names the same data.
    if (dirname(path) !== dataDir) locks.push(await lockFolder(path));
    await endLeftovers(path, log);
    const logFile = join(dataDir, 'postgres.log');
    const program = binaries.postgres;
    const server = await startServer({ program, path, password, account, logFile, settings, log });
    const watchdog = watch(server.pid);
    log.info({ event: 'postgres_started', port: server.port, dataFolder: path });
    return {
      ...server,
      dataFolder: path,
      async stop() {
        await endProcess(server.pid, shutDown);
        watchdog.stdin?.end();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * A server that outlived a killed parent is shut down, and so are parts of a server that was killed itself: while one
 * of them lives, the data stay closed. The pid file goes last, since PostgreSQL refuses to start when it names some
 * other process that got the same id, or a dead one that nobody asked about.
 */
async function endLeftovers(path: string, log: Logger): Promise<void> {
  const file = join(path, 'postmaster.pid');
  const pid = readPid(file);
  if (pid && servesFolder(pid, path)) {
    log.warn({ event: 'leftover_postgres_ended', pid });
    await endProcess(pid, shutDown);
  }
  for (const part of serversOf(path)) {
    log.warn({ event: 'leftover_postgres_ended', pid: part });
    await endProcess(part, [
      ['SIGTERM', 1_000],
      ['SIGKILL', 2_000],
    ]);
  }
  rmSync(file, { force: true });
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8').split('\n')[0]) || undefined;
  } catch {
    return undefined;
  }
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

/** Starts the server's process and waits until it answers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import type { Account } from './account.ts';
import { serverEnvironment, superuser } from './data-folder.ts';

export interface ServerOptions {
  program: string;
  /** PGDATA */
  path: string;
  password: string;
  account: Account | undefined;
  logFile: string;
  /** More settings, as name=value. */
  settings: string[];
  log: Logger;
}

/** How long a start is retried while an old server may still be going, in milliseconds. */
const startWithinMs = 10_000;
/** SQLSTATE of a server that still starts; after a crash that lasts as long as replaying its log does. */
const stillStarting = '57P03';

export async function startServer(
  options: ServerOptions,
): Promise<{ pid: number; port: number; url: string }> {
  const until = performance.now() + startWithinMs;
  for (let pauseMs = 100; ; pauseMs *= 2) {
    const port = await freePort();
    const url = `postgres://${superuser}:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`;
    const child = launch(options, port);
    if (child.pid && (await ready(child, url, options.log))) return { pid: child.pid, port, url };
    child.kill('SIGQUIT');
    if (performance.now() > until) {
      throw new Error(
        `The embedded PostgreSQL does not start; its log, ${options.logFile}, ends with:\n${lastLines(options.logFile)}`,
      );
    }
    await pause(pauseMs);
  }
}

function launch({ program, path, account, logFile, settings }: ServerOptions, port: number): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  // Whoever owns the data may one day start without root, and then writes here too.
  if (account) fchownSync(log, account.uid, account.gid);
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
  const child = spawn(program, ['-D', path, ...configured.flatMap((setting) => ['-c', setting])], {
    ...account,
    detached: true,
    cwd: path,
    env: serverEnvironment,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  return child;
}

async function ready(child: ChildProcess, url: string, log: Logger): Promise<boolean> {
  let until = performance.now() + startWithinMs;
  let recovering = 0;
  while (child.exitCode === null && child.signalCode === null && performance.now() < until) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === stillStarting) {
        until = performance.now() + startWithinMs;
        if (++recovering === 10) log.info({ event: 'postgres_recovering' });
      }
    } finally {
      await client.end().catch(() => {});
    }
    await pause(recovering > 10 ? 250 : 25);
  }
  return false;
}

/** A port of the loopback address that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
}

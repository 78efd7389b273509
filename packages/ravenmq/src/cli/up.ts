/** `ravenmq up`: every role in one process, with an embedded PostgreSQL when no database is given. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { reachable } from '../embedded/account.ts';
import { startEmbeddedPostgres } from '../embedded/postgres.ts';
import { findUser } from '../executors/shell-user.ts';
import { runDemo } from './demo/demo.ts';
import { openOps } from './ops.ts';
import {
  type Context,
  prepareDatabase,
  type Running,
  type RunningRole,
  startRole,
  untilSignal,
} from './roles.ts';
import { keepSecrets } from './secrets.ts';

export async function runUp(context: Context, { demo }: { demo: boolean }): Promise<void> {
  const { log } = context;
  const dataDir = resolve(context.config.dataDir || '.ravenmq');
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const secrets = keepSecrets(dataDir);
  const stops: (() => Promise<void>)[] = [];
  const stopped = untilSignal();
  const ops = await openOps(context);
  stops.push(ops.stop);
  try {
    const config = withDefaults(context.config, secrets, dataDir);
    let database = 'the PostgreSQL at DATABASE_URL';
    if (config.databaseUrl === '') {
      const server = await startEmbeddedPostgres({ dataDir, log });
      stops.push(() => server.stop());
      config.databaseUrl = server.url;
      database = `embedded PostgreSQL in ${server.dataFolder}`;
    }
    await prepareDatabase({ config, log });
    const running = await startAll({ config, log }, stops);
    ops.started(running);
    const urls: Urls = Object.assign({}, ...running);
    announce(config, dataDir, urls, database);
    if (demo) {
      runDemo({ url: urls.apiUrl as string, log: console.log }).catch((error: Error) =>
        log.error({ event: 'demo_failed', err: error }),
      );
    }
    await stopped;
    ops.stopping();
    process.stdout.write('Stopping.\n');
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/**
 * Everything runs on this machine for the person who started it, so shell and ml jobs are allowed while the API
 * listens on loopback only, and http jobs may call this API.
 */
function withDefaults(
  config: Config,
  secrets: { jwtSecret: string; adminPassword: string },
  dataDir: string,
): Config {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(config.host);
  const openShell = loopback && !config.allowShell;
  const openMl = loopback && !config.allowMl;
  const etlFolders = config.etlFolders.length > 0 ? config.etlFolders : [join(dataDir, 'files')];
  for (const folder of etlFolders) if (!folder.includes('{tenant}')) mkdirSync(folder, { recursive: true });
  return {
    ...config,
    jwtSecret: config.jwtSecret || secrets.jwtSecret,
    adminPassword: config.adminPassword || secrets.adminPassword,
    allowShell: config.allowShell || openShell,
    shellAllow: openShell && config.shellAllow.length === 0 ? ['*'] : config.shellAllow,
    etlFolders,
    allowMl: config.allowMl || openMl,
    mlAllow: openMl && config.mlAllow.length === 0 ? ['*'] : config.mlAllow,
    mlFolder: config.mlFolder || mlFolderOf(dataDir, config.shellUser),
  };
}

/** In the data folder, unless the user that training runs get from root cannot reach that. */
function mlFolderOf(dataDir: string, user: string): string {
  const inside = join(dataDir, 'ml');
  if (process.getuid?.() !== 0 || reachable(inside, findUser(user))) return inside;
  const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return `/var/lib/ravenmq/ml-${id}`;
}

type Urls = Pick<Running, 'apiUrl' | 'predictorUrl'>;

async function startAll(context: Context, stops: (() => Promise<void>)[]): Promise<RunningRole[]> {
  const all: RunningRole[] = [];
  for (const role of ['scheduler', 'predictor', 'api', 'worker'] as const) {
    const running = await startRole(role, context);
    all.push(running);
    stops.push(running.stop);
    if (running.apiUrl)
      context.config.httpAllowPrivate = [...context.config.httpAllowPrivate, new URL(running.apiUrl).host];
  }
  return all;
}

function announce(config: Config, dataDir: string, urls: Urls, database: string): void {
  const lines = [
    '',
    'RavenMQ is running.',
    `  Dashboard and API  ${urls.apiUrl}/`,
    `  API reference      ${urls.apiUrl}/docs`,
    `  Predictor          ${urls.predictorUrl}/`,
    `  Sign in as         ${config.adminUsername}`,
    `  Password           ${config.adminPassword}`,
    `  Data folder        ${dataDir}`,
    `  Database           ${database}`,
    'Ready. Ctrl-C stops everything.',
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

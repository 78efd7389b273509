/**
 * Starts the whole system as a user would, `ravenmq up` in a process of its own, on the test server's PostgreSQL and
 * a schema of its own, on free ports.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { inject } from 'vitest';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface System {
  baseUrl: string;
  predictorUrl: string;
  adminUsername: string;
  adminPassword: string;
  databaseUrl: string;
  schema: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts `ravenmq up`, waits until it is ready; `env` overrides its settings. */
export async function startSystem(env: Record<string, string> = {}): Promise<System> {
  const databaseUrl = inject('databaseUrl');
  const schema = `e2e_${randomBytes(6).toString('hex')}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'ravenmq-e2e-'));
  // As ravenmq up makes it: training runs of another user pass through.
  await chmod(dataDir, 0o711);
  const adminPassword = randomBytes(12).toString('hex');
  const child = spawn(process.execPath, [main, 'up'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      RAVENMQ_SCHEMA: schema,
      RAVENMQ_DATA_DIR: dataDir,
      RAVENMQ_PORT: '0',
      RAVENMQ_PREDICTOR_PORT: '0',
      RAVENMQ_ADMIN_PASSWORD: adminPassword,
      RAVENMQ_LOG_LEVEL: 'error',
      ...env,
    },
  });
  const ready = await new Promise<{ api: string; predictor: string }>((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      const api = /^ *Dashboard and API +(\S+)/m.exec(output)?.[1];
      const predictor = /^ *Predictor +(\S+)/m.exec(output)?.[1];
      if (api && predictor && output.includes('Ready')) resolve({ api, predictor });
    });
    child.once('exit', (code) => reject(new Error(`ravenmq up ended with ${code}:\n${output}`)));
  });
  return {
    baseUrl: ready.api.replace(/\/$/, ''),
    predictorUrl: ready.predictor.replace(/\/$/, ''),
    adminUsername: 'admin',
    adminPassword,
    databaseUrl,
    schema,
    pid: child.pid as number,
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await exited;
      }
      await dropSchema(databaseUrl, schema);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function dropSchema(url: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`drop schema if exists ${schema} cascade`);
  await client.query(`drop role if exists ${schema}_api`);
  await client.end();
}

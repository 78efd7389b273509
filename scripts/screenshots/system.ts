/** A RavenMQ of its own with an embedded database in a temporary folder, gone when the pictures are taken. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../packages/ravenmq/src/cli/main.ts', import.meta.url));

export interface OwnSystem {
  url: string;
  password: string;
  stop(): Promise<void>;
}

export async function startOwnSystem(): Promise<OwnSystem> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ravenmq-pictures-'));
  const password = randomBytes(9).toString('base64url');
  const child = spawn(process.execPath, [main, 'up'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      RAVENMQ_DATA_DIR: dataDir,
      RAVENMQ_PORT: '0',
      RAVENMQ_PREDICTOR_PORT: '0',
      RAVENMQ_ADMIN_PASSWORD: password,
      RAVENMQ_LOG_LEVEL: 'error',
      RAVENMQ_REGISTER_PER_MINUTE: '100',
      RAVENMQ_LOGIN_PER_MINUTE: '100',
    },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      const api = /^ *Dashboard and API +(\S+)/m.exec(output)?.[1];
      if (api && output.includes('Ready')) resolve(api.replace(/\/$/, ''));
    });
    child.once('exit', (code) => reject(new Error(`ravenmq up ended with ${code}:\n${output}`)));
  });
  return {
    url,
    password,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

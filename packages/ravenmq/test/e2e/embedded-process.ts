/** The embedded server in a process of its own, so that tests can kill that. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { isAlive } from '../../src/embedded/process.ts';
import { eventually } from '../eventually.ts';

const program = fileURLToPath(new URL('./embedded-main.ts', import.meta.url));

export interface Started {
  /** The process that owns the server. */
  child: ChildProcess;
  url: string;
  /** The server's process id. */
  pid: number;
}

/** Rejects with what the process wrote when it ends instead of starting. */
export async function start(
  dataDir: string,
  options: { env?: Record<string, string>; uid?: number; gid?: number; settings?: string[] } = {},
): Promise<Started> {
  const { settings = [], env = process.env, ...account } = options;
  const child = spawn(process.execPath, [program, dataDir, ...settings], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
    env,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const line = await eventually(
    async () => {
      if (child.exitCode !== null) {
        await closed;
        throw new Error(output);
      }
      return /started (\S+) (\d+)/.exec(output);
    },
    { timeoutMs: 60_000 },
  );
  return { child, url: line[1] as string, pid: Number(line[2]) };
}

/** Stops the server in order. */
export async function stop(running: Started): Promise<void> {
  running.child.kill('SIGTERM');
  await gone(running.pid);
  await eventually(() => running.child.exitCode !== null, { timeoutMs: 20_000 });
}

export async function gone(pid: number): Promise<void> {
  await eventually(() => !isAlive(pid), { timeoutMs: 20_000 });
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

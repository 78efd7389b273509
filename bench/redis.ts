/** A Redis for the peers that need one: with an append-only file, synced every second. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { freePort } from '../packages/ravenmq/src/embedded/server-process.ts';

const program = () => process.env.REDIS_SERVER ?? 'redis-server';

/** The version of the redis-server on PATH or at REDIS_SERVER, if there is one. */
export function redisVersion(): string | undefined {
  const { stdout } = spawnSync(program(), ['--version'], { encoding: 'utf8' });
  return stdout ? (/v=([\d.]+)/.exec(stdout)?.[1] ?? 'unknown') : undefined;
}

export async function startRedis(folder: string): Promise<{ url: string; child: ChildProcess }> {
  const port = await freePort();
  const args = ['--port', `${port}`, '--dir', folder, '--appendonly', 'yes', '--save', ''];
  const child = spawn(program(), args, { stdio: 'ignore' });
  child.on('error', () => {});
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = createConnection(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return { url: `redis://127.0.0.1:${port}`, child };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${program()} did not start: name another in REDIS_SERVER, or leave bullmq out.`);
}

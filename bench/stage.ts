/** The servers of a benchmark, and the actors that it sends onto the stage. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type Pool } from '../packages/ravenmq/src/db/connect.ts';
import { startEmbeddedPostgres } from '../packages/ravenmq/src/embedded/postgres.ts';
import { silentLogger } from '../packages/ravenmq/src/log.ts';
import { contestant, type Place, type Tuning } from './contestant.ts';
import { familyCpuMs } from './cpu.ts';
import type { Answer, Order, Production, Report } from './orders.ts';

const settings = ['shared_buffers=256MB', 'max_wal_size=1GB', 'max_connections=200'];
const redisPort = 63_790;

export interface Stage {
  place: Place;
  pool: Pool;
  /** Processor time of the server behind a contestant. */
  serverCpuMs(name: string): number;
  prepare(name: string, tuning: Tuning): Promise<void>;
  actor(name: string): Promise<Actor>;
  close(): Promise<void>;
}

export async function openStage(withRedis: boolean): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'ravenmq-bench-'));
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dataDir: folder, log: silentLogger, settings });
  const postmaster = Number(
    (await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0],
  );
  const redis = withRedis ? await startRedis(folder) : undefined;
  const place = { databaseUrl: server.url, redisUrl: redis ? `redis://127.0.0.1:${redisPort}` : '' };
  const pool = connect({
    url: server.url,
    schema: 'public',
    max: 2,
    applicationName: 'bench',
    log: silentLogger,
  });
  return {
    place,
    pool,
    serverCpuMs: (name) => familyCpuMs(name === 'bullmq' ? (redis?.pid ?? 0) : postmaster),
    async prepare(name, tuning) {
      await (await contestant(name, place)).prepare(tuning);
      await pool.query('checkpoint');
    },
    actor: (name) => startActor(name, place),
    async close() {
      await pool.end();
      redis?.kill('SIGKILL');
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startRedis(folder: string): Promise<ChildProcess> {
  const program = process.env.REDIS_SERVER ?? 'redis-server';
  const args = ['--port', `${redisPort}`, '--dir', folder, '--appendonly', 'yes', '--save', ''];
  const redis = spawn(program, args, { stdio: 'ignore' });
  redis.on('error', () => {});
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = createConnection(redisPort, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return redis;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(
    `${program} did not start: put redis-server on PATH, name it in REDIS_SERVER, or leave bullmq out.`,
  );
}

export interface Actor {
  warmUp(): Promise<void>;
  produce(
    production: Partial<Production> & Pick<Production, 'mode' | 'jobs'>,
  ): Promise<Answer & { said: 'produced' }>;
  work(tuning: Tuning, waits?: boolean): Promise<void>;
  /** Jobs its worker has handled so far, a few milliseconds old. */
  readonly handled: number;
  onHandled: () => void;
  report(): Promise<Report>;
  stop(): Promise<Report>;
}

async function startActor(name: string, place: Place): Promise<Actor> {
  const file = fileURLToPath(new URL('./actor.ts', import.meta.url));
  const child = fork(file, [name, place.databaseUrl, place.redisUrl]);
  const waiting: ((answer: Answer) => void)[] = [];
  const actor = { handled: 0, onHandled() {} };
  child.on('message', (answer: Answer) => {
    if (answer.said !== 'handled') return waiting.shift()?.(answer);
    actor.handled = answer.handled;
    actor.onHandled();
  });
  child.on('exit', (code) => {
    if (code !== 0) throw new Error(`The ${name} process ended with ${code}; it says why above.`);
  });
  const answer = () => new Promise<Answer>((resolve) => waiting.push(resolve));
  const ask = (order: Order) => {
    const answered = answer();
    child.send(order);
    return answered;
  };
  await answer();
  return Object.assign(actor, {
    warmUp: async () => void (await ask({ do: 'warm up' })),
    produce: (production: Partial<Production> & Pick<Production, 'mode' | 'jobs'>) =>
      ask({ do: 'produce', callers: 1, perSecond: 0, ...production }) as Promise<
        Answer & { said: 'produced' }
      >,
    work: async (tuning: Tuning, waits = false) => void (await ask({ do: 'work', tuning, waits })),
    report: () => ask({ do: 'report' }) as Promise<Report>,
    stop: () => ask({ do: 'stop' }) as Promise<Report>,
  });
}

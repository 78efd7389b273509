/** The servers of a benchmark: PostgreSQL for everybody, Redis for those who need it. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Pool } from '../packages/ravenmq/src/db/connect.ts';
import { startEmbeddedPostgres } from '../packages/ravenmq/src/embedded/postgres.ts';
import { silentLogger } from '../packages/ravenmq/src/log.ts';
import { contestant, type Tuning } from './contestant.ts';
import { familyCpuMs } from './cpu.ts';
import { type Actor, startActor } from './processes.ts';
import { startRedis } from './redis.ts';

const settings = ['shared_buffers=256MB', 'max_wal_size=1GB', 'max_connections=200'];

export interface Stage {
  databaseUrl: string;
  pool: Pool;
  /** Processor time of the server behind a contestant. */
  serverCpuMs(name: string): number;
  /** Empty tables for the contestant. */
  prepare(name: string, tuning: Tuning): Promise<void>;
  /** Resolves when the contestant has every job finished on record. */
  emptied(name: string): Promise<void>;
  actor(name: string): Promise<Actor>;
  /** So many workers of a contestant, and whatever accompanies them, last. */
  crew(name: string, workers: number): Promise<{ workers: Actor[]; all: Actor[] }>;
  close(): Promise<void>;
}

export async function openStage(options: { redis: boolean; historyRows: number }): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'ravenmq-bench-'));
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dataDir: folder, log: silentLogger, settings });
  const redis = options.redis ? await startRedis(folder) : undefined;
  const { historyRows } = options;
  const place = { databaseUrl: server.url, redisUrl: redis?.url ?? '', historyRows };
  const pool = connect({
    url: server.url,
    schema: 'public',
    max: 2,
    applicationName: 'bench',
    statementTimeoutMs: 600_000,
    log: silentLogger,
  });
  const actor = (name: string) => startActor(name, place);
  return {
    databaseUrl: server.url,
    pool,
    actor,
    serverCpuMs: (name) => familyCpuMs(name === 'bullmq' ? (redis?.child.pid ?? 0) : server.pid),
    async prepare(name, tuning) {
      await (await contestant(name, place)).prepare(tuning);
      await pool.query('checkpoint');
    },
    async emptied(name) {
      const asked = await contestant(name, place);
      while (!(await asked.isEmpty(pool))) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async crew(name, count) {
      const workers = await Promise.all(Array.from({ length: count }, () => actor(name)));
      if (!(await contestant(name, place)).accompany) return { workers, all: workers };
      const companion = await actor(name);
      await companion.accompany();
      return { workers, all: [...workers, companion] };
    },
    async close() {
      await pool.end();
      redis?.child.kill('SIGKILL');
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

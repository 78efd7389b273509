/** What every benchmark needs: a database of its own, and one way to report. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { connect, type Pool } from '../packages/ravenmq/src/db/connect.ts';
import { migrate } from '../packages/ravenmq/src/db/migrate.ts';
import { startEmbeddedPostgres } from '../packages/ravenmq/src/embedded/postgres.ts';
import { silentLogger } from '../packages/ravenmq/src/log.ts';

export interface BenchDatabase {
  pool: Pool;
  url: string;
  schema: string;
  close(): Promise<void>;
}

/** An embedded PostgreSQL with its defaults (fsync and synchronous_commit on), or the one at DATABASE_URL. */
export async function openDatabase(): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'ravenmq-bench-'));
  await chmod(folder, 0o711);
  const server = process.env.DATABASE_URL
    ? undefined
    : await startEmbeddedPostgres({ dataDir: folder, log: silentLogger, settings: ['shared_buffers=256MB'] });
  const url = server?.url ?? (process.env.DATABASE_URL as string);
  const schema = `bench_${randomBytes(4).toString('hex')}`;
  const pool = connect({ url, schema, max: 10, applicationName: 'bench', log: silentLogger });
  await migrate(pool, schema);
  return {
    pool,
    url,
    schema,
    async close() {
      await pool.query(`drop schema ${schema} cascade`);
      await pool.query(`drop role if exists ${schema}_api`);
      await pool.end();
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One JSON line with the machine, the versions and the date beside the result. */
export async function report(pool: Pool, name: string, result: Record<string, unknown>): Promise<void> {
  const { rows } = await pool.query('show server_version');
  const line = {
    benchmark: name,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    postgresql: rows[0].server_version,
    ...result,
  };
  console.log(JSON.stringify(line));
}

/** The value below which the share `q` of the sorted values lies. */
export function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

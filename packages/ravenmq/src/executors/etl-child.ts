/**
 * The process of one etl job. It reads a plan from standard input, runs it in an embedded DuckDB and tells what happens
 * in JSON lines on standard output. A process of its own, because a statement can be killed at any moment only with it.
 *
 * Before the first statement of the job, DuckDB gives up everything outside: it touches the named files and no other,
 * loads no extension, opens no connection, and takes no more settings.
 */
import { text } from 'node:stream/consumers';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { EtlMessage, EtlPlan } from './etl-plan.ts';

const progressEveryMs = 250;
const mostRows = 1_000;
const mostRowsJson = 200_000;
/** DuckDB repeats what it failed on, which may be long. */
const longestError = 10_000;

const tell = (message: EtlMessage) => process.stdout.write(`${JSON.stringify(message)}\n`);
const literal = (value: string) => `'${value.replaceAll("'", "''")}'`;

async function open(plan: EtlPlan): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import('@duckdb/node-api').catch((error: Error) => {
    throw new Error(
      `DuckDB is not installed on this worker (npm install @duckdb/node-api): ${error.message}`,
    );
  });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(plan.threads),
    memory_limit: `${plan.memoryMb}MB`,
    temp_directory: plan.spillFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  const paths = plan.paths.map(literal).join(', ');
  for (const setting of [
    `set allowed_paths = [${paths}]`,
    'set enable_progress_bar = true',
    'set enable_progress_bar_print = false',
    'set enable_external_access = false',
    'set lock_configuration = true',
  ]) {
    await connection.run(setting);
  }
  return connection;
}

async function runPart(connection: DuckDBConnection, part: number, sql: string): Promise<void> {
  tell({ kind: 'began', part });
  const began = performance.now();
  const timer = setInterval(() => {
    const { percentage } = connection.progress;
    if (percentage > 0) tell({ kind: 'progress', part, share: Math.min(1, percentage / 100) });
  }, progressEveryMs);
  try {
    // Chunk by chunk: what a statement answers may be more than memory holds.
    const result = await connection.stream(sql);
    let rows = 0;
    let only: unknown;
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      if (rows === 0) only = chunk.getRows()[0]?.[0];
      rows += chunk.rowCount;
    }
    // create table as, insert and copy answer how many rows they wrote, in one column of this name.
    if (rows === 1 && result.columnNames().join() === 'Count') rows = Number(only);
    tell({ kind: 'ended', part, rows, ms: Math.round(performance.now() - began) });
  } finally {
    clearInterval(timer);
  }
}

async function sendRows(connection: DuckDBConnection, sql: string): Promise<void> {
  const reader = await connection.runAndReadAll(`select * from (${sql}\n) limit ${mostRows + 1}`);
  const all = reader.getRowObjectsJson() as Record<string, unknown>[];
  const rows: Record<string, unknown>[] = [];
  let size = 0;
  for (const row of all.slice(0, mostRows)) {
    size += JSON.stringify(row).length;
    if (size > mostRowsJson) break;
    rows.push(row);
  }
  tell({ kind: 'rows', rows, truncated: rows.length < all.length });
}

async function main(): Promise<void> {
  const plan = JSON.parse(await text(process.stdin)) as EtlPlan;
  let part: number | null = null;
  try {
    const connection = await open(plan);
    for (part = 0; part < plan.parts.length; part++) {
      await runPart(connection, part, (plan.parts[part] as { sql: string }).sql);
    }
    if (plan.result !== undefined) await sendRows(connection, plan.result);
  } catch (error) {
    const message = (error as Error).message.replace(/^Failed to extract statements: /, '');
    tell({ kind: 'failed', part, message: message.slice(0, longestError) });
    process.exitCode = 1;
  }
}

await main();

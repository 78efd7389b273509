/**
 * Connections. The schema is chosen once, by search_path, so that no statement names it.
 * Times and 64-bit integers stay text or numbers chosen here: a JavaScript Date would drop microseconds.
 */
import pg from 'pg';
import type { Logger } from '../log.ts';

export type Pool = pg.Pool;
export type Client = pg.PoolClient;
/** Whatever can run one statement: a pool, a client inside a transaction, or the caller's own client. */
export interface Queryable {
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>>;
}

const timestamptz = 1184;
const int8 = 20;

/** timestamptz becomes RFC 3339 text in UTC with microseconds; int8 becomes a number while it is exact. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (format !== 'binary' && oid === timestamptz) return rfc3339;
  if (format !== 'binary' && oid === int8) return exactInteger;
  return pg.types.getTypeParser(oid, format as 'text');
}

function rfc3339(text: string): string {
  return text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z');
}

function exactInteger(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

export interface ConnectOptions {
  url: string;
  schema: string;
  max: number;
  applicationName: string;
  log: Logger;
  /** Server-side limit of one statement, in milliseconds. */
  statementTimeoutMs?: number;
}

const serverSettings = [
  'TimeZone=UTC',
  'idle_in_transaction_session_timeout=15000',
  // Prepared statements keep the plan they got while the tables were small; reading a whole table must not be in it.
  'enable_seqscan=off',
];

export function clientConfig(options: Omit<ConnectOptions, 'max' | 'log'>): pg.ClientConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    options: [...serverSettings, `search_path=${options.schema}`, `statement_timeout=${statementTimeoutMs}`]
      .map((setting) => `-c ${setting}`)
      .join(' '),
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    // A little longer than the server's limit: past it the socket itself is dead and pg-pool drops the client.
    query_timeout: statementTimeoutMs + 5_000,
    types: { getTypeParser } as pg.CustomTypesConfig,
  };
}

export function connect(options: ConnectOptions): Pool {
  const pool = new pg.Pool({ ...clientConfig(options), max: options.max, idleTimeoutMillis: 60_000 });
  // Without these listeners a server-side disconnect would end the process, also while a client is checked out.
  pool.on('error', (error) => options.log.warn({ event: 'connection_lost', err: error }));
  pool.on('connect', (client) => {
    client.on('error', (error) => options.log.warn({ event: 'connection_lost', err: error }));
  });
  return pool;
}

/** Runs `work` in one transaction; rolls back and rethrows on error. */
export async function transaction<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const transient = new Set(['40P01', '40001', '55P03']);

/** Repeats `work` after a deadlock, serialization failure or lock timeout, at most five times, with jitter. */
export async function retryTransient<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      if (attempt >= 5 || !transient.has(code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempt));
    }
  }
}

/**
 * Connections. The schema is chosen by search_path, so that no statement names it. The settings go with the connection
 * where it is a session of its own, and with every transaction where a pooler lends sessions (route.ts).
 * Times and 64-bit integers stay text or numbers chosen here: a JavaScript Date would drop microseconds.
 */
import pg from 'pg';
import type { Logger } from '../log.ts';
import { isReadTimeout, watchSockets } from './dead-sockets.ts';
import { settleEachTransaction } from './per-transaction.ts';
import { routeOf } from './route.ts';

export type Pool = pg.Pool;
export type Client = pg.PoolClient;
export interface Statement extends pg.QueryConfig {
  /** Longest wait for the answer, in milliseconds, when it is shorter than that of the connection. */
  query_timeout?: number;
}
/** Whatever can run one statement: a pool, a client inside a transaction, or the caller's own client. */
export interface Queryable {
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string | Statement,
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

export interface SessionOptions {
  url: string;
  schema: string;
  applicationName: string;
  /** Server-side limit of one statement, in milliseconds. */
  statementTimeoutMs?: number;
}

export interface ConnectOptions extends SessionOptions {
  max: number;
  log: Logger;
}

/** Server settings by name. Values are ours or checked by config.ts: no quotes in them. */
function serverSettings({ schema, statementTimeoutMs = 30_000 }: SessionOptions): [string, string][] {
  return [
    ['TimeZone', 'UTC'],
    ['idle_in_transaction_session_timeout', '15000'],
    // Prepared statements keep the plan they got while the tables were small; reading a whole table must not be in it.
    ['enable_seqscan', 'off'],
    ['search_path', schema],
    ['statement_timeout', String(statementTimeoutMs)],
  ];
}

/** The statement that sets them, for the session or for the present transaction only. */
function settingsText(options: SessionOptions, transactionOnly: boolean): string {
  const calls = serverSettings(options).map(
    ([name, value]) => `set_config('${name}', '${value}', ${transactionOnly})`,
  );
  return `select ${calls.join(', ')}`;
}

function clientConfig(options: SessionOptions): pg.ClientConfig {
  const { statementTimeoutMs = 30_000 } = options;
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    keepAlive: true,
    // Whoever has little time for a statement, such as the elector, has little for a connection.
    connectionTimeoutMillis: Math.max(1_000, Math.min(10_000, statementTimeoutMs * 2)),
    // A little longer than the server's limit: past it the socket itself is dead, and the client is dropped.
    query_timeout: statementTimeoutMs + Math.min(statementTimeoutMs, 5_000),
    types: { getTypeParser } as pg.CustomTypesConfig,
  };
}

export function connect(options: ConnectOptions): Pool {
  const pool = new pg.Pool({
    ...clientConfig(options),
    options: serverSettings(options)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    max: options.max,
    idleTimeoutMillis: 60_000,
  });
  // Without these listeners a server-side disconnect would end the process, also while a client is checked out.
  pool.on('error', (error) => options.log.warn({ event: 'connection_lost', err: error }));
  pool.on('connect', (client) => {
    client.on('error', (error) => options.log.warn({ event: 'connection_lost', err: error }));
  });
  watchSockets(pool);
  connectByRoute(pool, options);
  return pool;
}

/** Holds connecting back until it is known what the address leads to, then steps aside. */
function connectByRoute(pool: Pool, options: ConnectOptions): void {
  let found: Promise<void> | undefined;
  const byRoute = async (): Promise<void> => {
    const { ownSession, startupSettings, preparedStatements } = await routeOf(options.url);
    // From here on the pool's own method serves.
    delete (pool as { connect?: unknown }).connect;
    if (ownSession && startupSettings) return;
    pool.options.options = undefined;
    const settings = settingsText(options, true);
    pool.on('connect', (client) => settleEachTransaction(client, settings, { preparedStatements }));
    options.log.info({ event: 'pooled_connection', preparedStatements });
  };
  const connectLater = async (): Promise<Client> => {
    found ??= byRoute();
    await found.catch((error) => {
      found = undefined;
      throw error;
    });
    return pool.connect();
  };
  const later = (
    callback?: (error: Error | undefined, client?: Client, release?: Client['release']) => void,
  ) => {
    const connected = connectLater();
    if (!callback) return connected;
    connected.then(
      (client) => callback(undefined, client, client.release.bind(client)),
      (error) => callback(error),
    );
  };
  Object.assign(pool, { connect: later });
}

/**
 * A client whose session is its own, for LISTEN and locks; `openSession` connects it. Its address must not lead to a
 * transaction pooler (`sessionUrl` proves it).
 */
export function createSession(options: SessionOptions): pg.Client {
  return new pg.Client(clientConfig(options));
}

/** Rejects when the session is ended meanwhile, also before it is connected: of that the driver tells nobody who waits. */
export async function openSession(session: pg.Client, options: SessionOptions): Promise<void> {
  let onEnd = () => {};
  const ended = new Promise<never>((_, reject) => {
    onEnd = () => reject(new Error('The session ended while it was being opened.'));
    session.once('end', onEnd);
  });
  ended.catch(() => {});
  try {
    await Promise.race([session.connect(), ended]);
    await Promise.race([session.query(settingsText(options, false)), ended]);
  } finally {
    session.off('end', onEnd);
  }
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
    if (isUnusable(error)) broken = error as Error;
    else await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Whether a connection is to be thrown away after this error: its socket does not answer (a rollback would wait as
 * long again), or it leads to a server that only reads, such as a former primary.
 */
function isUnusable(error: unknown): boolean {
  return (error as { code?: string }).code === '25006' || isReadTimeout(error);
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

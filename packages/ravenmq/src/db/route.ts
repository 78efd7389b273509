/**
 * What a database address leads to. PostgreSQL itself gives every connection a session of its own: settings sent with
 * the connection, prepared statements, LISTEN and session locks last as long as it does. A transaction pooler lends
 * server sessions for one transaction at a time, refuses or ignores the settings, and may or may not manage prepared
 * statements. Addresses do not tell, so it is tried out, once per address and process.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';

export interface Route {
  /** One connection is one server session from its start to its end. */
  ownSession: boolean;
  /** Settings sent with the connection (`-c name=value`) hold. */
  startupSettings: boolean;
  /** A statement prepared under a name can be used as long as the connection lasts. */
  preparedStatements: boolean;
}

const timeoutMs = 10_000;
/** How often two connections take turns. Poolers lend the session used last or the one unused longest. */
const turns = 3;

const routes = new Map<string, Promise<Route>>();

/** The route of an address, found out at the first call. A failure to connect is not remembered. */
export function routeOf(url: string): Promise<Route> {
  let route = routes.get(url);
  if (!route) {
    route = findRoute(url);
    routes.set(url, route);
    route.catch(() => routes.delete(url));
  }
  return route;
}

export interface Address {
  url: string;
  /** The setting it comes from. */
  setting: string;
}

/** The address for LISTEN and the leader's lock, proven to hold them: `direct`, or the general one when that is empty. */
export async function sessionUrl(general: Address, direct: Address): Promise<string> {
  const { url, setting } = direct.url === '' ? general : direct;
  if ((await routeOf(url)).ownSession) return url;
  throw new Error(
    `${setting} leads to a transaction pooler, which can hold neither LISTEN nor the leader's lock. ${
      direct.url === ''
        ? `Keep it for everything else, and set ${direct.setting} to the address of PostgreSQL itself.`
        : 'Set it to the address of PostgreSQL itself, or of a pooler in session mode.'
    }`,
  );
}

async function findRoute(url: string): Promise<Route> {
  const opened: pg.Client[] = [];
  const open = async (options?: string): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'ravenmq route',
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      ...(options && { options }),
    });
    client.on('error', () => {});
    opened.push(client);
    await client.connect();
    return client;
  };
  try {
    const mark = randomUUID();
    const first = await open(`-c ravenmq.mark=${mark}`).catch((error) => {
      if (refusesSettings(error)) return undefined;
      throw error;
    });
    const one = first ?? (await open());
    const startupSettings = first !== undefined && (await readMark(first)) === mark;
    const other = await open();
    const ownSession = await keepsSession(one, other);
    await other.end();
    const preparedStatements = ownSession || (await managesStatements(one));
    return { ownSession, startupSettings, preparedStatements };
  } finally {
    await Promise.all(opened.map((client) => client.end().catch(() => {})));
  }
}

/** SQLSTATE classes of "what you sent with the connection is not understood". */
function refusesSettings(error: unknown): boolean {
  return /^(08|0A|22|42)/.test(String((error as { code?: unknown }).code ?? ''));
}

async function readMark(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query(`select current_setting('ravenmq.mark', true) as mark`);
  return rows[0]?.mark;
}

/** Two connections by turns: sessions that are lent show by one process serving both, or by a change of process. */
async function keepsSession(one: pg.Client, other: pg.Client): Promise<boolean> {
  const processOf = async (client: pg.Client): Promise<number> =>
    (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
  const own = await processOf(one);
  for (let turn = 0; turn < turns; turn++) {
    await other.query('begin');
    // Not asked in one go: with a single session to lend, the first would wait for the other's transaction to end.
    const shared = (await processOf(other)) === own || (await processOf(one)) !== own;
    await other.query('commit');
    if (shared) return false;
  }
  return true;
}

/** A pooler that manages prepared statements gives them names of its own on the server. */
async function managesStatements(client: pg.Client): Promise<boolean> {
  const name = `ravenmq_${randomUUID()}`;
  await client.query('begin');
  try {
    await client.query({ name, text: 'select 1' });
    const { rowCount } = await client.query('select from pg_prepared_statements where name = $1', [name]);
    if (rowCount === 0) return true;
    await client.query(`deallocate "${name}"`);
    return false;
  } catch {
    return false;
  } finally {
    await client.query('rollback').catch(() => {});
  }
}

/** The peers are a package of their own, which the project's installation does not touch. */
import { existsSync, readFileSync } from 'node:fs';

export async function peerModule(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    throw new Error(`${name} is not installed: run \`npm run bench -- --install-peers\` first.`, {
      cause: error,
    });
  }
}

/** Undefined where it is not installed. */
export function peerVersion(name: string): string | undefined {
  const file = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

export interface Client {
  query(text: string, values?: unknown[]): Promise<unknown>;
  on(event: 'error', listener: () => void): void;
  release(): void;
}

export interface PeerPool {
  query(text: string): Promise<unknown>;
  connect(): Promise<Client>;
  on(event: 'error', listener: () => void): void;
  on(event: 'connect', listener: (client: Client) => void): void;
  end(): Promise<void>;
}

/** Of the peers' own driver. */
export async function makePool(connectionString: string): Promise<PeerPool> {
  const { default: pg } = (await peerModule('pg')) as {
    default: { Pool: new (options: object) => PeerPool };
  };
  const pool = new pg.Pool({ connectionString, max: 10 });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Ten clients for transactions of a caller's own; none is opened before it is needed. */
export function clientsOf(databaseUrl: string) {
  let pool: Promise<PeerPool> | undefined;
  return {
    async transaction(act: (client: Client) => Promise<unknown>): Promise<void> {
      pool ??= makePool(databaseUrl);
      const client = await (await pool).connect();
      await client.query('begin');
      await act(client);
      await client.query('commit');
      client.release();
    },
    end: async () => (await pool)?.end(),
  };
}

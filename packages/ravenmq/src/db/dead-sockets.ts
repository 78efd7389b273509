/**
 * Sockets that lead nowhere although nobody said so: after a partition, or when the other machine is gone. An answer
 * that does not come in time is the only sign of it.
 */
import type { EventEmitter } from 'node:events';
import type pg from 'pg';
import type { Pool } from './connect.ts';

/** How pg says that `query_timeout` has passed. */
export const isReadTimeout = (error: unknown): boolean =>
  (error as { message?: string } | null)?.message === 'Query read timeout';

/** Time for connections to end in order, in milliseconds. */
const goodbyeMs = 2_000;

/** Closes the socket at once, without a goodbye. */
export function destroy(client: unknown): void {
  (client as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** Has the pool forget an idle client, at once: it listens for errors of the idle. */
function drop(client: unknown): void {
  (client as EventEmitter).emit('error', new Error('dropped: another connection got no answer in time'));
  destroy(client);
}

/** The clients of every watched pool whose sockets are open, also those that the pool has given up and forgotten. */
const open = new WeakMap<Pool, Set<pg.Client>>();

/**
 * Follows the sockets of a pool, for `endPool`. When a statement is not answered in time, the idle connections most
 * likely lead nowhere either, as they were opened over the same network: they are dropped with it, or each would cost
 * a caller the same wait.
 */
export function watchSockets(pool: Pool): void {
  const connected = new Set<pg.Client>();
  open.set(pool, connected);
  pool.on('connect', (client) => {
    connected.add(client);
    client.once('end', () => connected.delete(client));
  });
  const idle = new Set<unknown>();
  pool.on('acquire', (client) => idle.delete(client));
  pool.on('remove', (client) => idle.delete(client));
  pool.on('release', (error, client) => {
    if (!error) idle.add(client);
    if (isReadTimeout(error)) for (const one of idle) drop(one);
  });
}

/**
 * Ends a pool and waits for its sockets too, which the pool itself does not. Connections that do not end in order, and
 * those that are still being made, are cut off: their server may be gone, and they would keep the process alive.
 */
export async function endPool(pool: Pool): Promise<void> {
  const connected = open.get(pool) ?? new Set();
  const gone = [...connected].map((client) => new Promise((resolve) => client.once('end', resolve)));
  await endOrCutOff(Promise.all([...gone, pool.end()]), () => {
    const { _clients: present } = pool as unknown as { _clients: unknown[] };
    for (const client of new Set([...connected, ...present])) destroy(client);
  });
}

/** Ends a session. One whose server does not answer the goodbye is cut off. */
export async function endSession(session: pg.Client): Promise<void> {
  const ending = session.end().catch(() => {});
  await endOrCutOff(ending, () => destroy(session));
}

async function endOrCutOff(ending: Promise<unknown>, cutOff: () => void): Promise<void> {
  let impatience: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    impatience = setTimeout(() => {
      cutOff();
      resolve();
    }, goodbyeMs);
  });
  await Promise.race([ending, late]);
  clearTimeout(impatience);
}

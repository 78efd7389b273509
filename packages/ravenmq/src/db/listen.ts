/**
 * LISTEN on a connection of its own. It reconnects with jitter, subscribes anew on every connection, and sends itself
 * a ping: when none comes back the socket is dead although nobody said so, and is replaced. A notification is a hint:
 * after every (re)connect all subscribers are called once, since something may have been missed.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Logger } from '../log.ts';
import { createSession, openSession } from './connect.ts';
import { destroy } from './dead-sockets.ts';

const pingEveryMs = 15_000;
const pingTimeoutMs = 5_000;

export interface Listener {
  /** Resolves once the first connection listens, or at the stop. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ListenOptions {
  url: string;
  schema: string;
  applicationName: string;
  channels: Record<string, (payload: string) => void>;
  log: Logger;
}

export function createListener(options: ListenOptions): Listener {
  const { channels, log } = options;
  const ownChannel = `ping.${randomUUID()}`;
  const stopping = new AbortController();
  let client: pg.Client | undefined;
  let running: Promise<void> | undefined;
  let firstConnected: (() => void) | undefined;

  /** One connection, from connecting to its loss. */
  async function listenOnce(): Promise<void> {
    const connection = createSession(options);
    client = connection;
    let ponged = true;
    let due: NodeJS.Timeout | undefined;
    const lost = new Promise<void>((resolve) => {
      connection.on('error', () => resolve());
      connection.on('end', () => resolve());
    });
    connection.on('notification', ({ channel, payload }) => {
      if (channel === ownChannel) ponged = true;
      else channels[channel]?.(payload ?? '');
    });
    try {
      await openSession(connection, options);
      for (const channel of [...Object.keys(channels), ownChannel]) {
        await connection.query(`listen ${pg.escapeIdentifier(channel)}`);
      }
      firstConnected?.();
      for (const wake of Object.values(channels)) wake('');
      const pinging = setInterval(() => {
        ponged = false;
        connection.query('select pg_notify($1, $2)', [ownChannel, '']).catch(() => leave(connection));
        due = setTimeout(() => {
          if (!ponged) leave(connection);
        }, pingTimeoutMs);
      }, pingEveryMs);
      await lost;
      clearInterval(pinging);
      clearTimeout(due);
    } finally {
      leave(connection);
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        await listenOnce();
        failures = 0;
      } catch (error) {
        failures++;
        if (!stopping.signal.aborted) log.warn({ event: 'listen_failed', err: error });
      }
      if (!stopping.signal.aborted) await pause(Math.min(5_000, 100 * 2 ** failures) * (0.5 + Math.random()));
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  }

  return {
    start() {
      running ??= run();
      return new Promise((resolve) => {
        firstConnected = resolve;
      });
    },
    async stop() {
      stopping.abort();
      firstConnected?.();
      if (client) leave(client);
      await running;
    },
  };
}

/** Says goodbye, and does not wait for an answer: a half-open socket would never give one. */
function leave(client: pg.Client): void {
  client.end().catch(() => {});
  destroy(client);
}

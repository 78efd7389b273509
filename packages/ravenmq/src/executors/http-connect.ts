import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { HttpGuard, ResolvedAddress } from './http-guard.ts';

const connectTimeoutMs = 10_000;

/**
 * An agent whose every connection passes the guard. Connections are not kept: a connection belongs to one attempt,
 * so that no organization meets the state (sessions, authentication) that another left on it.
 */
export function createGuardedAgent(guard: HttpGuard): Agent {
  return new Agent({
    pipelining: 0,
    connect(options, callback) {
      const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
      withinConnectTimeout(guard.addressesOf(options.hostname, port), options.hostname).then(
        (addresses) => connectTo(addresses)(options, callback),
        (error: Error) => callback(error, null),
      );
    },
  });
}

/** Sends a request. Unlike the agent's own method it also rejects at once when the abort comes before a connection. */
export async function send(
  agent: Agent,
  request: Dispatcher.RequestOptions & { signal: AbortSignal },
): Promise<Dispatcher.ResponseData> {
  const { signal } = request;
  signal.throwIfAborted();
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([agent.request(request), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function connectTo(addresses: ResolvedAddress[]): buildConnector.connector {
  // Node asks for one address or for all, depending on whether it tries both families.
  const lookup = (_name: string, wanted: { all?: boolean }, done: (...answer: unknown[]) => void) =>
    wanted.all ? done(null, addresses) : done(null, addresses[0]?.address, addresses[0]?.family);
  return buildConnector({
    timeout: connectTimeoutMs,
    maxCachedSessions: 0,
    lookup,
  } as buildConnector.BuildOptions);
}

function withinConnectTimeout<T>(work: Promise<T>, hostname: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`${hostname} was not resolved within ${connectTimeoutMs} ms`);
    timer = setTimeout(() => reject(error), connectTimeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * The one function that talks to the API. It repeats what can be repeated without harm: reads, submissions, which
 * carry an idempotency key, and whatever the API turned away as too much (429). It waits between tries with jitter,
 * and at least as long as the API asks for.
 */
import { errorOf, RavenError } from './error.ts';

export interface ClientOptions {
  /** Address of the API, such as http://127.0.0.1:8000. */
  url: string;
  /** Access token or API key. */
  token?: string;
  fetch?: typeof fetch;
  /** Tries after the first, 4 by default. */
  retries?: number;
  /** Longest time one try may take, in milliseconds; 30,000 by default. */
  timeoutMs?: number;
}

export interface CallOptions {
  /** Ends the call, its pauses included; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface RequestOptions extends CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Repeating it does no harm; so it is with every GET. */
  repeatable?: boolean;
}

export interface Answer<T> {
  body: T;
  headers: Headers;
}

export type Request = <T>(method: string, path: string, options?: RequestOptions) => Promise<Answer<T>>;

/** An API that asks for a longer pause is not waited for. */
const longestPauseMs = 90_000;

export function createRequest(options: ClientOptions, token: () => string | undefined): Request {
  const { retries = 4, timeoutMs = 30_000 } = options;
  const send = options.fetch ?? fetch;
  const base = options.url.replace(/\/+$/, '');

  async function once<T>(method: string, path: string, request: RequestOptions): Promise<Answer<T>> {
    const { body, headers, signal } = request;
    const limit = AbortSignal.timeout(timeoutMs);
    const bearer = token();
    const what = `${method} ${base}${path}`;
    try {
      const response = await send(base + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw await errorOf(what, response);
      return { body: parse(what, response, await response.text()) as T, headers: response.headers };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RavenError) throw error;
      if (limit.aborted) {
        throw new RavenError(0, 'timeout', `${what}: no answer within ${timeoutMs} ms`, { cause: error });
      }
      throw new RavenError(0, 'unreachable', `${what}: ${reasonOf(error)}`, { cause: error });
    }
  }

  return async <T>(method: string, path: string, request: RequestOptions = {}) => {
    const repeatable = request.repeatable ?? method === 'GET';
    request.signal?.throwIfAborted();
    for (let attempt = 0; ; attempt++) {
      try {
        return await once<T>(method, path, request);
      } catch (error) {
        if (!(error instanceof RavenError) || !error.retryable || attempt >= retries) throw error;
        if (!repeatable && error.status !== 429) throw error;
        const askedMs = error.retryAfterMs ?? 0;
        if (askedMs > longestPauseMs) throw error;
        // On top of what was asked for: clients that were turned away together must not return together.
        await pause(askedMs + 100 * 2 ** attempt * (0.5 + Math.random()), request.signal);
      }
    }
  };
}

function parse(what: string, response: Response, text: string): unknown {
  if (response.status === 204) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const type = response.headers.get('content-type') ?? 'nothing';
    const message = `${what}: ${response.status} with ${type} instead of JSON. Is this the address of the API?`;
    throw new RavenError(0, 'not_json', message, { cause });
  }
}

/** `fetch failed` says nothing; its cause does (ECONNREFUSED 127.0.0.1:8000). */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = cause as { message?: string; code?: string } | undefined;
  return inner?.message || inner?.code || message;
}

/** Throws the signal's reason when it is aborted meanwhile. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

import type { Agent, Dispatcher } from 'undici';
import { send } from './http-connect.ts';
import type { HttpGuard } from './http-guard.ts';
import { type Hop, nextHop } from './http-request.ts';

const maxRedirects = 5;

export interface FollowOptions {
  signal: AbortSignal;
  /** Longest wait for the headers, and between parts of the body, in milliseconds. */
  timeoutMs: number;
  /** An answer with such a status is not followed any further. */
  accepts(status: number): boolean;
  /** Told before each hop. */
  onHop(hop: Hop): void;
}

/** Sends a request and follows its redirects by hand, so that every hop passes the guard. */
export async function follow(
  agent: Agent,
  guard: HttpGuard,
  first: Hop,
  options: FollowOptions,
): Promise<Dispatcher.ResponseData> {
  let hop = first;
  for (let redirected = 0; ; redirected++) {
    options.onHop(hop);
    guard.checkUrl(hop.url);
    const response = await send(agent, {
      origin: hop.url.origin,
      path: hop.url.pathname + hop.url.search,
      method: hop.method,
      headers: hop.headers,
      body: hop.body ?? null,
      signal: options.signal,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
    });
    const status = response.statusCode;
    const next = options.accepts(status) ? undefined : nextHop(hop, status, one(response.headers.location));
    if (!next) return response;
    // Nobody reads the body of a redirect; destroying it frees the connection.
    response.body.on('error', () => {}).destroy();
    if (redirected === maxRedirects) throw new Error(`more than ${maxRedirects} redirects`);
    hop = next;
  }
}

export const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

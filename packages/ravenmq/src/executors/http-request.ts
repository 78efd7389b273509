import type { Attempt } from './executor.ts';
import type { HttpPayload } from './payloads.ts';

/** One hop of a call: what is sent to one URL. */
export interface Hop {
  url: URL;
  method: HttpPayload['method'];
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string | undefined;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const carriesCredentials = /^(authorization|cookie)$|token|secret|api-?key|signature|password/;

/** The job's id is the idempotency key: a receiver that knows it does the work of two attempts once. */
export function firstHop(payload: HttpPayload, attempt: Attempt): Hop {
  const headers: Record<string, string> = {
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'user-agent': 'RavenMQ',
    'idempotency-key': attempt.jobId,
    'x-fence': String(attempt.fence),
    'x-attempt': String(attempt.attempt),
  };
  const body = payload.body ?? undefined;
  if (body !== undefined) {
    headers['content-type'] = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  }
  for (const [name, value] of Object.entries(payload.headers)) headers[name.toLowerCase()] = value;
  return {
    url: new URL(payload.url),
    method: payload.method,
    headers,
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** The hop a redirect asks for, or undefined when the answer is not a redirect that can be followed. */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop | undefined {
  if (!redirects.has(status) || location === undefined) return undefined;
  const url = URL.parse(location, hop.url.href);
  if (!url) return undefined;
  const toGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST';
  const sameOrigin = url.origin === hop.url.origin;
  const kept = Object.entries(hop.headers).filter(
    ([name]) => (sameOrigin || !carriesCredentials.test(name)) && !(toGet && name.startsWith('content-')),
  );
  return {
    url,
    method: toGet ? 'GET' : hop.method,
    headers: Object.fromEntries(kept),
    body: toGet ? undefined : hop.body,
  };
}

/**
 * Jobs of type `http`: one call to a public URL, its redirects followed by hand so that every hop passes the guard.
 * The URL is parsed once and that object is what is checked and what is sent.
 */
import type { Agent, Dispatcher } from 'undici';
import type { Attempt, Executor } from './executor.ts';
import { type Body, readBody } from './http-body.ts';
import { createGuardedAgent } from './http-connect.ts';
import { type Download, download } from './http-download.ts';
import { follow, one } from './http-follow.ts';
import { createHttpGuard, type HttpGuard, type Resolve } from './http-guard.ts';
import { firstHop, type Hop } from './http-request.ts';
import { NonRetryable, RetryAfter } from './outcome.ts';
import { describeProblems, type HttpPayload, httpPayload } from './payloads.ts';
import { retryDelayMs } from './retry-after.ts';

const storedHeaders = ['content-type', 'content-length', 'location', 'retry-after', 'etag', 'date'];

export interface HttpExecutor {
  run: Executor;
  /** Fetches a URL into a file, past the same guard. */
  download: Download;
  /** Breaks off what is still in flight. */
  close(): Promise<void>;
}

export interface HttpOptions {
  /** `host:port` targets and CIDR ranges that may be called although they are not public. */
  allowPrivate: string[];
  /** Looks a name up; the system's resolver by default. */
  resolve?: Resolve;
}

interface HttpResult {
  status: number;
  headers: Record<string, string>;
  body: string;
  truncated: boolean;
  duration_ms: number;
}

/** Throws when `allowPrivate` cannot be read. */
export function createHttpExecutor({ allowPrivate, resolve }: HttpOptions): HttpExecutor {
  const guard = createHttpGuard(allowPrivate, resolve);
  const agent = createGuardedAgent(guard);
  return {
    run: (attempt) => call(agent, guard, attempt),
    download: (request) => download(agent, guard, request),
    close: () => agent.destroy(),
  };
}

async function call(agent: Agent, guard: HttpGuard, attempt: Attempt): Promise<HttpResult> {
  const parsed = httpPayload.safeParse(attempt.payload);
  if (!parsed.success) throw new NonRetryable(describeProblems(parsed.error).join('; '));
  const payload = parsed.data;
  const startedAt = performance.now();
  const deadline = AbortSignal.timeout(payload.timeout_ms);
  const signal = AbortSignal.any([attempt.signal, deadline]);
  let hop = firstHop(payload, attempt);
  try {
    const response = await follow(agent, guard, hop, {
      signal,
      timeoutMs: payload.timeout_ms,
      accepts: (status) => isExpected(payload, status),
      onHop(next) {
        hop = next;
      },
    });
    const status = response.statusCode;
    const body = await bodyOf(response, hop);
    signal.throwIfAborted();
    if (!isExpected(payload, status)) throw unexpected(status, body, one(response.headers['retry-after']));
    return {
      status,
      headers: pickHeaders(response.headers),
      body: body.text,
      truncated: body.truncated,
      duration_ms: Math.round(performance.now() - startedAt),
    };
  } catch (error) {
    throw explain(error, hop, attempt, deadline, payload);
  }
}

function bodyOf(response: Dispatcher.ResponseData, hop: Hop): Promise<Body> {
  const encoding = hop.method === 'HEAD' ? '' : (one(response.headers['content-encoding']) ?? '');
  return readBody(response.body, encoding.trim().toLowerCase(), one(response.headers['content-type']) ?? '');
}

function isExpected({ expected_status: expected }: HttpPayload, status: number): boolean {
  if (expected === undefined) return status >= 200 && status < 300;
  return Array.isArray(expected) ? expected.includes(status) : expected === status;
}

function unexpected(status: number, body: Body, retryAfter: string | undefined): Error {
  const message = `unexpected status ${status}: ${body.text.slice(0, 500)}`;
  const delayMs = status === 429 || status === 503 ? retryDelayMs(retryAfter) : undefined;
  return delayMs === undefined ? new Error(message) : new RetryAfter(message, delayMs);
}

function pickHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of storedHeaders) {
    const value = one(headers[name]);
    if (value !== undefined) picked[name] = value.replaceAll('\0', '').slice(0, 2048);
  }
  return picked;
}

/** Paths and queries stay out of messages: they carry tokens often enough. */
function explain(
  error: unknown,
  hop: Hop,
  attempt: Attempt,
  deadline: AbortSignal,
  payload: HttpPayload,
): unknown {
  if (attempt.signal.aborted) return attempt.signal.reason;
  if (deadline.aborted) {
    return new Error(`${hop.method} ${hop.url.origin}: no complete answer within ${payload.timeout_ms} ms`);
  }
  if (error instanceof NonRetryable || error instanceof RetryAfter) return error;
  const message = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  return new Error(`${hop.method} ${hop.url.origin}: ${message}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

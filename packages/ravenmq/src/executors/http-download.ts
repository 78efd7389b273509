import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Agent } from 'undici';
import type { Attempt } from './executor.ts';
import { follow, one } from './http-follow.ts';
import type { HttpGuard } from './http-guard.ts';
import { firstHop } from './http-request.ts';
import { NonRetryable, RetryAfter } from './outcome.ts';
import { httpPayload } from './payloads.ts';
import { retryDelayMs } from './retry-after.ts';

export interface DownloadRequest {
  url: string;
  headers: Record<string, string>;
  /** Where it is written; must not exist. */
  file: string;
  maxBytes: number;
  attempt: Attempt;
  signal: AbortSignal;
  timeoutMs: number;
}

/** Resolves with the number of bytes. */
export type Download = (request: DownloadRequest) => Promise<number>;

/** Fetches a URL into a file. Only a 2xx answer counts. */
export async function download(agent: Agent, guard: HttpGuard, request: DownloadRequest): Promise<number> {
  const { signal, maxBytes } = request;
  // As it is: whoever reads the file decompresses it by its name.
  const wanted = { url: request.url, headers: { ...request.headers, 'accept-encoding': 'identity' } };
  let hop = firstHop(httpPayload.parse(wanted), request.attempt);
  try {
    const response = await follow(agent, guard, hop, {
      signal,
      timeoutMs: request.timeoutMs,
      accepts: (status) => status >= 200 && status < 300,
      onHop(next) {
        hop = next;
      },
    });
    const { statusCode: status, headers } = response;
    if (status < 200 || status >= 300) {
      response.body.on('error', () => {}).destroy();
      const delayMs =
        status === 429 || status === 503 ? retryDelayMs(one(headers['retry-after'])) : undefined;
      const message = `unexpected status ${status}`;
      throw delayMs === undefined
        ? new Error(message)
        : new RetryAfter(`${hop.url.origin}: ${message}`, delayMs);
    }
    let bytes = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        done(bytes > maxBytes ? new NonRetryable(`more than ${maxBytes} bytes`) : null, chunk);
      },
    });
    await pipeline(response.body, counted, createWriteStream(request.file, { flags: 'wx', mode: 0o600 }), {
      signal,
    });
    return bytes;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof RetryAfter) throw error;
    // Paths and queries stay out of messages: they carry tokens often enough.
    const message = `GET ${hop.url.origin}: ${(error as Error).message}`;
    throw error instanceof NonRetryable ? new NonRetryable(message) : new Error(message, { cause: error });
  }
}

/**
 * The one function that talks to the API. It repeats what can be repeated without harm: reads, and submissions, which
 * carry an idempotency key. It waits between tries with jitter, or as long as the API asks for.
 */

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

export interface RequestOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Repeating it does no harm. */
  repeatable?: boolean;
  signal?: AbortSignal | undefined;
}

export type Request = (method: string, path: string, options?: RequestOptions) => Promise<Response>;

/** What the API refused (status, code, detail), or why it could not be reached (status 0). */
export class RavenError extends Error {
  override name = 'RavenError';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  /** Trying again later may succeed. */
  readonly retryable: boolean;

  constructor(status: number, code: string, message: string, requestId?: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.retryable = status === 0 || status === 429 || (status >= 502 && status <= 504);
  }
}

export function createRequest(options: ClientOptions, token: () => string | undefined): Request {
  const { retries = 4, timeoutMs = 30_000 } = options;
  const send = options.fetch ?? fetch;
  const base = options.url.replace(/\/+$/, '');

  async function once(
    method: string,
    path: string,
    { body, headers, signal }: RequestOptions,
  ): Promise<Response> {
    const limit = AbortSignal.timeout(timeoutMs);
    const bearer = token();
    try {
      const response = await send(base + path, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (response.ok) return response;
      throw await errorOf(method, path, response);
    } catch (error) {
      if (error instanceof RavenError) throw error;
      signal?.throwIfAborted();
      throw new RavenError(
        0,
        'unreachable',
        `${method} ${base}${path}: ${(error as Error).message}`,
        undefined,
        error,
      );
    }
  }

  return async (method, path, request = {}) => {
    const repeatable = request.repeatable ?? method === 'GET';
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(method, path, request);
      } catch (error) {
        const known = error instanceof RavenError ? error : undefined;
        if (!known?.retryable || attempt >= retries || !(repeatable || known.status === 429)) throw error;
        const asked = Number((known.cause as Response | undefined)?.headers?.get('retry-after') ?? 0) * 1_000;
        const pause = Math.max(asked, 100 * 2 ** attempt * (0.5 + Math.random()));
        await new Promise((resolve) => setTimeout(resolve, pause));
        request.signal?.throwIfAborted();
      }
    }
  };
}

async function errorOf(method: string, path: string, response: Response): Promise<RavenError> {
  const problem = (await response.json().catch(() => ({}))) as Record<string, string | undefined>;
  const detail = problem.detail ?? problem.title ?? response.statusText;
  const message = `${method} ${path}: ${response.status} ${detail}`;
  return new RavenError(response.status, problem.code ?? 'unknown', message, problem.request_id, response);
}

/** What the API refused (its status, code and words), or why it could not be reached (status 0). */
export class RavenError extends Error {
  override name = 'RavenError';
  /** HTTP status; 0 when there was no usable answer. */
  readonly status: number;
  /** The API's code, such as `not_found`, or `unreachable`, `timeout`, `not_json`. */
  readonly code: string;
  /** Names the request in the API's log. */
  readonly requestId: string | undefined;
  /** Trying again later may succeed. */
  readonly retryable: boolean;
  /** How long the API asks to wait first. */
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { requestId?: string | undefined; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.status = status;
    this.code = code;
    this.requestId = more.requestId;
    this.retryAfterMs = more.retryAfterMs;
    this.retryable =
      code === 'unreachable' || code === 'timeout' || status === 429 || (status >= 502 && status <= 504);
  }
}

/** Reads an answer that is not 2xx: problem details (RFC 9457), or whatever something in between has sent. */
export async function errorOf(request: string, response: Response): Promise<RavenError> {
  const problem = ((await response.json().catch(() => null)) ?? {}) as Record<string, string | undefined>;
  const code = problem.code ?? problem.type?.split(/[:/]/).at(-1) ?? `http_${response.status}`;
  const words = problem.detail ?? problem.title ?? response.statusText;
  return new RavenError(response.status, code, `${request}: ${response.status} ${words}`.trimEnd(), {
    requestId: problem.request_id ?? response.headers.get('x-request-id') ?? undefined,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
  });
}

/** The header holds seconds or a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

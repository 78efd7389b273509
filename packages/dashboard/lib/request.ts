/** One way to ask the API: same origin, the session's cookie, problems as typed errors with their request id. */

/** What the API refused, in its own words. Status 0: it could not be reached. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(status: number, message: string, requestId?: string) {
    super(message);
    this.status = status;
    this.requestId = requestId;
  }
}

let signedOut: (() => void) | undefined;

/** Calls `listener` whenever the API no longer knows who is asking. Answers how to stop that. */
export function onSignedOut(listener: () => void): () => void {
  signedOut = listener;
  return () => {
    if (signedOut === listener) signedOut = undefined;
  };
}

export async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const response = await send(method, path, body);
  if (response.ok) return response;
  if (response.status === 401 && path !== '/auth/session') signedOut?.();
  const problem = (await response.json().catch(() => ({}))) as Partial<Record<'detail' | 'title', string>>;
  throw new ApiError(
    response.status,
    problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
    response.headers.get('x-request-id') ?? undefined,
  );
}

export async function read<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await call(method, path, body)).json() as Promise<T>;
}

/** Null when the server has no such thing. */
export async function readIfThere<T>(method: string, path: string, body?: unknown): Promise<T | null> {
  try {
    return await read<T>(method, path, body);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function send(method: string, path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: {
        'x-ravenmq-csrf': '1',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, 'The server cannot be reached.');
  }
}

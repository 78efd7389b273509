/** For tests: a server of one's own and an executor that is closed afterwards. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect } from 'vitest';
import { anAttempt } from './an-attempt.ts';
import { createHttpExecutor, type HttpOptions } from './http.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

export async function serve(
  listener: RequestListener,
  host = '127.0.0.1',
): Promise<{ server: Server; port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

export function executor(options: Partial<HttpOptions> = {}) {
  const http = createHttpExecutor({ allowPrivate: [], ...options });
  cleanUp.push(() => http.close());
  return (payload: Record<string, unknown>, signal = new AbortController().signal) =>
    http.run(anAttempt(payload, { type: 'http', signal })) as Promise<Record<string, unknown>>;
}

export const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('resolved'),
    (error) => error,
  );

export async function textOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString();
}

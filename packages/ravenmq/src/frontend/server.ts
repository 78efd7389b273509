/**
 * The frontend role: the dashboard's static files, and everything else passed on to the API as it comes, streams
 * included. It has no database and holds no state; when the API is away, pages still load and say so.
 *
 * The API counts sign-ins by client address. What it believes of X-Forwarded-For is its own setting
 * (RAVENMQ_TRUST_PROXY); here the header gets the address that connected to us at its end. What stood in it before is
 * kept only where proxies are trusted at all; whom of them to believe is then the API's walk from the right.
 */
import type { IncomingHttpHeaders } from 'node:http';
import replyFrom from '@fastify/reply-from';
import fastify, { type FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { App } from '../api/app.ts';
import { serveDashboard } from '../api/dashboard.ts';
import type { Logger } from '../log.ts';

export interface FrontendOptions {
  host: string;
  port: number;
  apiUrl: string;
  /** Addresses of proxies in front of this one. */
  trustProxy: string[];
  log: Logger;
  dashboardDir?: string;
}

export interface Frontend {
  start(): Promise<{ url: string }>;
  stop(): Promise<void>;
}

/** The API answers within a minute or not at all. */
const headersTimeoutMs = 65_000;

export async function createFrontend(options: FrontendOptions): Promise<Frontend> {
  const { host, port, apiUrl, trustProxy, log } = options;
  const app: App = fastify({
    trustProxy: trustProxy.length > 0 ? trustProxy : false,
    routerOptions: { ignoreTrailingSlash: true },
    // Longer than the API's own: a connection that we hold open must not be closed under a request.
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
  }).withTypeProvider<ZodTypeProvider>();
  await serveDashboard(app, options.dashboardDir);
  await app.register(async (proxy) => {
    // Bodies pass through unread: their size and form are the API's business.
    proxy.removeAllContentTypeParsers();
    proxy.addContentTypeParser('*', (_request, body, done) => done(null, body));
    await proxy.register(replyFrom, {
      base: apiUrl,
      disableRequestLogging: true,
      destroyAgent: true,
      undici: {
        connections: 1_024,
        headersTimeout: headersTimeoutMs,
        bodyTimeout: 0,
        keepAliveTimeout: 30_000,
      },
    });
    proxy.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: '/*',
      handler: (request, reply) =>
        reply.from(undefined, {
          rewriteRequestHeaders: (_, headers) => forwarded(request, headers, trustProxy.length > 0),
          // What may be repeated is the client's decision.
          retryDelay: () => null,
          onError(failed, { error }) {
            log.warn({ event: 'api_unreachable', err: error });
            failed
              .status(502)
              .header('content-type', 'application/problem+json')
              .send(JSON.stringify({ type: 'about:blank', title: 'The API does not answer', status: 502 }));
          },
        }),
    });
  });
  return {
    async start() {
      await app.listen({ host, port });
      return { url: `http://${host}:${(app.server.address() as { port: number }).port}` };
    },
    stop: () => app.close(),
  };
}

function forwarded(request: FastifyRequest, headers: IncomingHttpHeaders, trusting: boolean) {
  const peer = request.socket.remoteAddress ?? '';
  const before = trusting ? headers['x-forwarded-for'] : undefined;
  return {
    ...headers,
    // The browser's own: the API compares it with the Origin of what the cookie may change.
    host: request.headers.host,
    'x-forwarded-for': before ? `${before}, ${peer}` : peer,
    'x-forwarded-host': request.headers.host,
    'x-forwarded-proto': request.protocol,
  };
}

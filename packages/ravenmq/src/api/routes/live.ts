/** What pages that stay open follow: the present moment, once as JSON or as a stream of server-sent events. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App, RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { createLive } from '../live.ts';
import { Problem } from '../problems.ts';

const snapshot = z.object({
  at: z.string(),
  scheduled: z.number(),
  queued: z.number(),
  running: z.number(),
  queued_ms: z.number().describe('Predicted work of what is queued'),
  version: z.string().describe('Differs whenever a job was submitted, started or ended'),
  workers: z.number(),
  slots: z.number(),
  leader: z.enum(['active', 'stale']).nullable(),
});

/** A browser opens one stream per tab; this many tabs belong to no person. */
const mostStreams = 100;
/** How often a quiet stream says that it lives, and looks whether its reader may still read. */
const beatMs = 15_000;

export function liveRoutes(app: App, { pool, config, auth, log }: RouteContext): void {
  const live = createLive({ pool, schema: config.schema, log });
  const streams = new Map<string, Set<() => void>>();
  app.addHook('preClose', async () => {
    for (const ends of streams.values()) for (const end of [...ends]) end();
  });

  app.get(
    '/live',
    {
      config: { access: 'user' },
      schema: {
        tags: ['analytics'],
        summary: 'The present moment: what waits and runs, workers, leader',
        response: { 200: snapshot },
      },
    },
    ({ caller }) => live.read(scopeOf(caller)),
  );

  app.get(
    '/events',
    {
      config: { access: 'user' },
      schema: {
        tags: ['analytics'],
        summary: 'GET /live as server-sent events named `live`: at once, and whenever it differs',
        produces: ['text/event-stream'],
      },
    },
    (request, reply) => {
      const { caller } = request;
      const mine = streams.get(caller.userId) ?? new Set();
      if (mine.size >= mostStreams) {
        throw new Problem('too_many_requests', `You have ${mostStreams} event streams open: close some.`);
      }
      streams.set(caller.userId, mine);
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'x-request-id': request.id,
        'x-content-type-options': 'nosniff',
      });
      // A snapshot is the whole state: whoever comes back misses nothing by what happened meanwhile.
      raw.write('retry: 2000\n\n');
      const stop = live.watch(scopeOf(caller), (state) => {
        raw.write(`event: live\ndata: ${JSON.stringify(state)}\n\n`);
      });
      const beat = setInterval(() => {
        raw.write(': still here\n\n');
        mayStillRead(request).then(
          (may) => may || end(),
          (error) => log.warn({ event: 'stream_check_failed', err: error }),
        );
      }, beatMs);
      const end = () => {
        clearInterval(beat);
        stop();
        mine.delete(end);
        if (mine.size === 0) streams.delete(caller.userId);
        raw.end();
      };
      mine.add(end);
      raw.on('close', end);
      if (raw.destroyed) end();
    },
  );

  /** A stream outlives its token, its reader's role and organization; the browser comes back and is asked anew. */
  async function mayStillRead(request: FastifyRequest): Promise<boolean> {
    try {
      const { orgId, role } = await auth.authenticate(request);
      return orgId === request.caller.orgId && role === request.caller.role;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }
}

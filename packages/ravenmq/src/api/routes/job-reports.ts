/** What a job tells while it runs: its log, as a list or a stream, and its metrics. */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { inScope } from '../../db/scope.ts';
import { getJob } from '../../jobs/list.ts';
import { type LogRow, readLog, readMetrics } from '../../jobs/reports.ts';
import type { App, RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { Problem } from '../problems.ts';
import { isId, noSuchJob } from './jobs.ts';

const params = z.object({ id: z.string() });
const logLine = z
  .object({
    seq: z.number().describe('Grows along the log: `after` of the next request'),
    attempt: z.number(),
    at: z.string().meta({ format: 'date-time' }),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
  })
  .meta({ id: 'LogLine' });
const metricPoint = z.object({ name: z.string(), step: z.number(), value: z.number(), at: z.string() });

const page = 1_000;
const mostPoints = 20_000;
const mostFollowers = 200;
const mostOfOneUser = 20;
/** Between two looks of a follower, in milliseconds: the worker writes as often. */
const lookEveryMs = 300;
/** A comment now and then keeps proxies from closing a silent stream. */
const aliveEveryMs = 15_000;
/** After so long who follows is asked again whether they may, in milliseconds. */
const askAgainMs = 15_000;

export function jobReportRoutes(app: App, { pool, config, log, auth }: RouteContext): void {
  const { schema } = config;
  /** Who follows by which answer. */
  const followers = new Map<ServerResponse, string>();
  // A server that stops waits for its connections.
  app.addHook('preClose', async () => {
    for (const follower of followers.keys()) follower.destroy();
  });

  app.get(
    '/jobs/:id/logs',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'Log lines of a job, oldest first; as server-sent events until it ends with follow=true',
        params,
        querystring: z.object({
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(page).default(page),
          follow: z.enum(['true', 'false']).default('false'),
        }),
        response: { 200: z.array(logLine) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { limit, follow } = request.query;
      let scope = scopeOf(request.caller);
      let askedAt = performance.now();
      const look = async (after: number) => {
        // A stream outlives its token, and its reader's role and organization.
        if (performance.now() - askedAt > askAgainMs) {
          scope = scopeOf(await auth.authenticate(request));
          askedAt = performance.now();
        }
        return inScope(pool, schema, scope, async (client) => {
          // The state first: what an ended job told is on record before its end.
          const job = await getJob(client, id);
          if (!job) throw noSuchJob();
          return { status: job.status, lines: await readLog(client, id, after, limit) };
        });
      };
      if (!isId(id)) throw noSuchJob();
      const resumed = Number(request.headers['last-event-id']);
      const after = Number.isSafeInteger(resumed) && resumed > 0 ? resumed : request.query.after;
      const first = await look(after);
      if (follow === 'false') return first.lines as z.output<typeof logLine>[];

      const { userId } = request.caller;
      const own = [...followers.values()].filter((one) => one === userId).length;
      if (own >= mostOfOneUser)
        throw new Problem('too_many_requests', `You follow ${mostOfOneUser} logs: close some.`);
      if (followers.size >= mostFollowers) {
        throw new Problem(
          'unavailable',
          'Too many logs are followed on this replica; ask for pages with after.',
        );
      }
      followers.set(reply.raw, userId);
      reply.hijack();
      try {
        await stream(reply.raw, after, first, look);
      } catch (error) {
        log.warn({ event: 'log_stream_failed', jobId: id, err: error });
      } finally {
        followers.delete(reply.raw);
        reply.raw.end();
      }
      return reply as never;
    },
  );

  app.get(
    '/jobs/:id/metrics',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'Metrics that a job told, by name and step',
        params,
        response: { 200: z.array(metricPoint) },
      },
    },
    async ({ params: { id }, caller }) => {
      if (!isId(id)) throw noSuchJob();
      return inScope(pool, schema, scopeOf(caller), async (client) => {
        if (!(await getJob(client, id))) throw noSuchJob();
        return readMetrics(client, id, mostPoints);
      });
    },
  );
}

interface Look {
  status: string;
  lines: LogRow[];
}

/** Sends lines as they come, each with its number as event id, until the job has ended or the client is gone. */
async function stream(
  raw: ServerResponse,
  from: number,
  first: Look,
  look: (after: number) => Promise<Look>,
): Promise<void> {
  // It may have left while the first look was under way.
  let gone = raw.destroyed;
  let noticeGone = () => {};
  raw.on('error', () => {});
  raw.once('close', () => {
    gone = true;
    noticeGone();
  });
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // Otherwise a reverse proxy collects the stream.
    'x-accel-buffering': 'no',
  });
  // The head leaves with the first part of the body, and the first line may be long in coming.
  raw.write(':\n\n');
  let after = from;
  let sentAt = performance.now();
  for (let seen = first; !gone; seen = await look(after)) {
    let text = '';
    for (const line of seen.lines) {
      text += `id: ${line.seq}\nevent: log\ndata: ${JSON.stringify(line)}\n\n`;
      after = line.seq;
    }
    const ended = ['done', 'failed', 'cancelled'].includes(seen.status) && seen.lines.length === 0;
    if (ended) text += `event: end\ndata: ${JSON.stringify({ status: seen.status })}\n\n`;
    else if (text === '' && performance.now() - sentAt > aliveEveryMs) text = ':\n\n';
    if (text !== '') {
      sentAt = performance.now();
      // A client that does not read is waited for, not buffered for.
      if (!raw.write(text)) await new Promise<void>((resolve) => once(raw, resolve));
    }
    if (ended || gone) return;
    if (seen.lines.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookEveryMs);
        noticeGone = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function once(raw: ServerResponse, resolve: () => void): void {
  const done = () => {
    raw.off('drain', done);
    raw.off('close', done);
    resolve();
  };
  raw.on('drain', done);
  raw.on('close', done);
  if (raw.destroyed) done();
}

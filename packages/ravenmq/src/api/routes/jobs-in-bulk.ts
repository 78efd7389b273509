/** Many jobs at once: how many a filter finds, and cancelling or retrying them. */
import { z } from 'zod';
import { retryTransient } from '../../db/connect.ts';
import { inScope } from '../../db/scope.ts';
import { cancelChannel } from '../../db/wake-ups.ts';
import { type BulkChange, changeListed, changeMatching } from '../../jobs/in-bulk.ts';
import { countJobs } from '../../jobs/list.ts';
import { writeAuditOf } from '../../tenants/audit.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { Problem } from '../problems.ts';
import { filterOf, filterQuery } from './job-filter.ts';

/** What a page may ask to be counted; beyond that "more than" is enough. */
const mostCounted = 10_000;
const batchSize = 200;

const body = z.strictObject({
  ids: z.array(z.uuid()).min(1).max(batchSize).optional().describe('These jobs'),
  filter: filterQuery.optional().describe('Or every job that this filter of the list finds'),
  before: z.uuid().optional().describe('With a filter: `next` of the answer before'),
});
const answer = z.object({
  matched: z.number().describe('Jobs that this call looked at'),
  changed: z.number().describe('Those that it changed; the others had moved on'),
  next: z.string().nullable().describe('Call again with this as `before`; null: all were looked at'),
});

const may: Record<BulkChange, { statuses: string[]; summary: string }> = {
  cancel: {
    statuses: ['scheduled', 'queued', 'running'],
    summary: `Cancel many jobs, ${batchSize} a call`,
  },
  retry: {
    statuses: ['failed'],
    summary: `Put many failed jobs back into their queues, ${batchSize} a call`,
  },
};

export function jobsInBulkRoutes(app: App, { pool, config, wakeUps, log }: RouteContext): void {
  const { schema } = config;

  app.get(
    '/jobs/count',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: `How many jobs a filter of the list finds, counted up to ${mostCounted}`,
        querystring: filterQuery,
        response: { 200: z.object({ count: z.number(), capped: z.boolean() }) },
      },
    },
    async ({ query, caller }) => {
      const filter = filterOf(query, caller, { limit: mostCounted });
      const count = await inScope(pool, schema, scopeOf(caller), (client) => countJobs(client, filter));
      return { count, capped: count === mostCounted };
    },
  );

  for (const change of ['cancel', 'retry'] as const) {
    app.post(
      `/jobs/${change}`,
      {
        config: { access: 'user' },
        schema: { tags: ['jobs'], summary: may[change].summary, body, response: { 200: answer } },
      },
      async (request) => {
        const { caller } = request;
        const work = workOf(change, request.body);
        const batch = await retryTransient(() =>
          inScope(pool, schema, scopeOf(caller), async (client) => {
            const done =
              'ids' in work
                ? await changeListed(client, change, work.ids)
                : await changeMatching(
                    client,
                    change,
                    filterOf(work.filter, caller, { before: work.before, limit: batchSize }),
                  );
            await writeAuditOf(client, actorOf(request), `job.${change}`, 'jobs', done.changed, {
              in_bulk: true,
            });
            return done;
          }),
        );
        if (change === 'retry' && batch.changed.length > 0) wakeUps.send();
        if (batch.stopping) {
          pool.query('select pg_notify($1, $2)', [cancelChannel(schema), '']).catch((error) => {
            log.warn({ event: 'cancel_notify_failed', err: error });
          });
        }
        return { matched: batch.matched, changed: batch.changed.length, next: batch.next };
      },
    );
  }
}

type Work = { ids: string[] } | { filter: z.output<typeof filterQuery>; before: string | undefined };

function workOf(change: BulkChange, { ids, filter, before }: z.output<typeof body>): Work {
  if (ids && !filter) return { ids };
  if (!filter || ids) throw new Problem('invalid', 'body: give either ids or filter');
  if (!filter.status || !may[change].statuses.includes(filter.status)) {
    throw new Problem(
      'invalid',
      `body/filter/status: to ${change}, it has to be ${may[change].statuses.join(' or ')}`,
    );
  }
  return { filter, before };
}

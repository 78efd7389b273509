/** Queues are shared by all organizations, so only administrators see their totals and change them. */
import { z } from 'zod';
import { transaction } from '../../db/connect.ts';
import { changeLimit, queueScope } from '../../jobs/limits.ts';
import { changeQueue, isEverythingPaused, listQueues, pauseEverything } from '../../jobs/queues.ts';
import { policies } from '../../order/policies.ts';
import { writeAudit } from '../../tenants/audit.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import { concurrency, rateOf, startRate } from '../limit-bodies.ts';
import { queueName } from '../wire.ts';

const queue = z.object({
  name: z.string(),
  paused: z.boolean(),
  policy: z.enum(policies).describe('By what its jobs are ordered: docs/order.md'),
  stretch: z.number().describe('How far shorter jobs overtake longer ones that come now'),
  promise_ms: z.number().nullable().describe('Who has waited so long goes first; null: as it is reckoned'),
  guard_ms: z.number().nullable().describe('The promise as it is kept just now; null: none'),
  concurrency: z.number().nullable(),
  starts_per_second: z.number().nullable().describe('Starts in the long run; null: any number'),
  burst: z.number().nullable().describe('Starts at once'),
  queued: z.number(),
  running: z.number(),
  scheduled: z.number(),
});
const change = z.strictObject({
  paused: z.boolean().optional(),
  policy: z.enum(policies).optional(),
  promise_ms: z.int().min(1).max(2_147_483_647).nullable().optional(),
  concurrency: concurrency.optional(),
  starts: startRate.optional(),
});
const paused = z.object({ paused: z.boolean() });

export function queueRoutes(app: App, { pool, wakeUps }: RouteContext): void {
  app.get(
    '/queues',
    {
      config: { access: 'admin' },
      schema: { tags: ['queues'], summary: 'All queues', response: { 200: z.array(queue) } },
    },
    async () => listQueues(pool),
  );

  // The same under both: what is not given stays as it is.
  for (const method of ['PATCH', 'PUT'] as const) {
    app.route({
      method,
      url: '/queues/:name',
      config: { access: 'admin' },
      schema: {
        tags: ['queues'],
        summary: 'Pause or resume a queue, change its order, its promise and its limits (null: none)',
        params: z.object({ name: queueName }),
        body: change,
        response: { 200: queue },
      },
      handler: async (request) => {
        const { name } = request.params;
        const { paused, policy, promise_ms: promiseMs, concurrency: max, starts } = request.body;
        const record = async (client: Parameters<typeof changeQueue>[0]) => {
          await changeQueue(client, name, { paused, policy, promiseMs });
          await writeAudit(client, { ...actorOf(request), orgId: null }, 'queue.change', name, request.body);
        };
        if (max === undefined && starts === undefined) await transaction(pool, record);
        else await changeLimit(pool, queueScope(name), { max, rate: rateOf(starts) }, record);
        wakeUps.send();
        return (await listQueues(pool, name))[0] as z.output<typeof queue>;
      },
    });
  }

  app.get(
    '/pause',
    {
      config: { access: 'user' },
      schema: { tags: ['queues'], summary: 'Whether everything is paused', response: { 200: paused } },
    },
    async () => ({ paused: await isEverythingPaused(pool) }),
  );

  app.put(
    '/pause',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['queues'],
        summary: 'Pause everything: no job starts, running ones go on; or resume it',
        body: z.strictObject({ paused: z.boolean() }),
        response: { 200: paused },
      },
    },
    async (request) => {
      await transaction(pool, async (client) => {
        await pauseEverything(client, request.body.paused);
        await writeAudit(
          client,
          { ...actorOf(request), orgId: null },
          'pause.change',
          'everything',
          request.body,
        );
      });
      wakeUps.send();
      return request.body;
    },
  );
}

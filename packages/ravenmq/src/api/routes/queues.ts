import { z } from 'zod';
import { transaction } from '../../db/connect.ts';
import { listQueues, pauseQueue, queueScope, setLimit } from '../../jobs/queues.ts';
import { writeAudit } from '../../tenants/audit.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import { queueName } from '../wire.ts';

const queue = z.object({
  name: z.string(),
  paused: z.boolean(),
  concurrency: z.number().nullable(),
  queued: z.number(),
  running: z.number(),
  scheduled: z.number(),
});

/** Queues are shared by all organizations, so only administrators see their totals and change them. */
export function queueRoutes(app: App, { pool, wakeUps }: RouteContext): void {
  app.get(
    '/queues',
    {
      config: { access: 'admin' },
      schema: { tags: ['queues'], summary: 'All queues', response: { 200: z.array(queue) } },
    },
    async () => listQueues(pool),
  );

  app.put(
    '/queues/:name',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['queues'],
        summary: 'Pause or resume a queue, limit how many of its jobs run at the same time (null: no limit)',
        params: z.object({ name: queueName }),
        body: z.strictObject({
          paused: z.boolean().optional(),
          concurrency: z.int().min(0).max(100_000).nullable().optional(),
        }),
        response: { 200: queue },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { paused, concurrency } = request.body;
      await transaction(pool, async (client) => {
        await pauseQueue(client, name, paused);
        await writeAudit(client, actorOf(request), 'queue.change', name, request.body);
      });
      if (concurrency !== undefined) await setLimit(pool, queueScope(name), concurrency);
      wakeUps.send();
      return (await listQueues(pool)).find((row) => row.name === name) as z.output<typeof queue>;
    },
  );
}

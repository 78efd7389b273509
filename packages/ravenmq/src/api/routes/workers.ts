import { z } from 'zod';
import { readLeader } from '../../workers/leader.ts';
import { listWorkers } from '../../workers/registry.ts';
import type { App, RouteContext } from '../app.ts';
import { Problem } from '../problems.ts';

const worker = z.object({
  worker_id: z.string(),
  name: z.string(),
  hostname: z.string(),
  started_at: z.string(),
  last_seen: z.string(),
  jobs_processed: z.number(),
  status: z.enum(['active', 'offline']),
  seconds_since_heartbeat: z.number(),
  slots: z.number(),
  stale_finishes: z.number(),
});

const leader = z.object({
  worker_id: z.string(),
  elected_at: z.string(),
  last_seen: z.string(),
  seconds_since_heartbeat: z.number(),
  status: z.enum(['active', 'stale']),
  term: z.number(),
});

export function workerRoutes(app: App, { pool }: RouteContext): void {
  app.get(
    '/jobs/workers',
    {
      config: { access: 'user' },
      schema: {
        tags: ['workers'],
        summary: 'Workers seen within the last hour',
        response: { 200: z.array(worker) },
      },
    },
    async () => listWorkers(pool),
  );

  for (const url of ['/jobs/scheduler/leader', '/analytics/scheduler-leader']) {
    app.get(
      url,
      {
        config: { access: 'user' },
        schema: { tags: ['workers'], summary: 'The leader among the schedulers', response: { 200: leader } },
      },
      async () => {
        const row = await readLeader(pool);
        if (!row) throw new Problem('not_found', 'No scheduler has led yet: is one running?');
        return row;
      },
    );
  }
}

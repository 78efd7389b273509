/** What predictions are good for beyond the order: how many workers are needed, and what looks wrong. */
import { z } from 'zod';
import { inScope } from '../../db/scope.ts';
import { listLongRuns, listRiskyDeadlines } from '../../plan/alarms.ts';
import { readScaling } from '../../plan/autoscaling.ts';
import { suggestTimeouts } from '../../plan/timeouts.ts';
import type { App, RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { range } from '../wire.ts';

const [number, text] = [z.number(), z.string()];
const time = text.meta({ format: 'date-time' });

const scaling = z
  .object({
    ...{
      group: text,
      desired_workers: number,
      workers: number,
      slots_per_worker: number,
      target_wait_s: number,
    },
    ...{
      waiting: number,
      running: number,
      backlog_s: number,
      running_s: number,
      planned_at: time.nullable(),
    },
    scale_in: z.array(z.object({ worker_id: text, hostname: text, running: number, left_s: number })),
  })
  .meta({ id: 'Scaling' });

const named = { job_id: text, name: text, type: text, queue: text };
const alarms = z
  .object({
    running_long: z.array(
      z.object({ ...named, worker_id: text, started_at: time, elapsed_ms: number, p90_ms: number }),
    ),
    deadlines_at_risk: z.array(z.object({ ...named, deadline: time, finish: range.nullable() })),
    timeouts: z.array(
      z.object({ type: text, name: text, samples: number, p98_ms: number, suggested_timeout_ms: number }),
    ),
  })
  .meta({ id: 'Alarms' });

export function forecastRoutes(app: App, { pool, config }: RouteContext): void {
  app.get(
    '/autoscaling/:group',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['operation'],
        summary: 'Workers that the predicted work needs, for the queues of a worker group, or `all`',
        params: z.object({ group: z.string().regex(/^[A-Za-z0-9_.:,-]{1,512}$/) }),
        querystring: z.strictObject({
          target_wait_s: z.coerce.number().min(1).max(86_400).default(60),
          slots: z.coerce.number().int().min(1).max(10_000).optional(),
          min: z.coerce.number().int().min(0).max(100_000).default(0),
          max: z.coerce.number().int().min(0).max(100_000).default(1_000),
        }),
        response: { 200: scaling },
      },
    },
    async ({ params, query: { target_wait_s: targetWaitS, slots, min, max } }) =>
      readScaling(pool, params.group, { targetWaitS, slots, min, max }),
  );

  app.get(
    '/alarms',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'Jobs that run far past their time, deadlines at risk, and timeouts that series could have',
        response: { 200: alarms },
      },
    },
    async ({ caller }) => {
      const scope = scopeOf(caller);
      const tenants = scope.all ? null : scope.tenants;
      return {
        running_long: await listLongRuns(pool, tenants),
        deadlines_at_risk: await listRiskyDeadlines(pool, tenants),
        timeouts: await inScope(pool, config.schema, scope, (client) => suggestTimeouts(client, tenants)),
      };
    },
  );
}

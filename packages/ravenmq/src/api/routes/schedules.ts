/** Schedules: jobs that are submitted again and again. */
import { z } from 'zod';
import { inScope } from '../../db/scope.ts';
import { getSchedule, listFires, listSchedules } from '../../schedules/schedules.ts';
import { nextFires, timingProblem } from '../../schedules/timing.ts';
import type { App, RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { Problem } from '../problems.ts';
import { fire, schedule, scheduleToWire, timingFields } from '../schedule-wire.ts';
import { isId } from './jobs.ts';

export const params = z.object({ id: z.string() });
export const noSuchSchedule = () => new Problem('not_found', 'There is no such schedule.');

export function scheduleRoutes(app: App, { pool, config }: RouteContext): void {
  const { schema } = config;

  app.get(
    '/schedules',
    {
      config: { access: 'user' },
      schema: {
        tags: ['schedules'],
        summary: 'Schedules, by name',
        querystring: z.object({ name: z.string().max(64).optional() }),
        response: { 200: z.array(schedule) },
      },
    },
    async ({ caller, query }) => {
      const scope = scopeOf(caller);
      const tenants = scope.all ? null : scope.tenants;
      const rows = await inScope(pool, schema, scope, (client) =>
        listSchedules(client, { tenants, name: query.name, limit: 1_000 }),
      );
      return rows.map(scheduleToWire);
    },
  );

  app.get(
    '/schedules/preview',
    {
      config: { access: 'user' },
      schema: {
        tags: ['schedules'],
        summary: 'When a schedule would fire, without making one',
        querystring: z.object({
          ...timingFields,
          every_ms: z.coerce.number().pipe(timingFields.every_ms.unwrap()).optional(),
          from: z.iso.datetime({ offset: true }).optional().meta({ format: 'date-time' }),
          count: z.coerce.number().int().min(1).max(100).default(10),
        }),
        response: { 200: z.object({ fires: z.array(z.string()) }) },
      },
    },
    async ({ query: { cron = null, every_ms: everyMs = null, timezone, from, count } }) => {
      const after = from ? new Date(from) : new Date();
      const timing = { cron, everyMs, timezone, anchor: after.toISOString() };
      if ((cron === null) === (everyMs === null))
        throw new Problem('invalid', 'Give either cron or every_ms.');
      const problem = timingProblem(timing);
      if (problem) throw new Problem('invalid', problem);
      return { fires: nextFires(timing, after, count).map((at) => at.toISOString()) };
    },
  );

  app.get(
    '/schedules/:id',
    {
      config: { access: 'user' },
      schema: { tags: ['schedules'], summary: 'One schedule', params, response: { 200: schedule } },
    },
    async ({ params: { id }, caller }) => {
      const row = isId(id)
        ? await inScope(pool, schema, scopeOf(caller), (client) => getSchedule(client, id))
        : undefined;
      if (!row) throw noSuchSchedule();
      return scheduleToWire(row);
    },
  );

  app.get(
    '/schedules/:id/fires',
    {
      config: { access: 'user' },
      schema: {
        tags: ['schedules'],
        summary: 'What was decided of its fire times, newest first',
        params,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(50) }),
        response: { 200: z.array(fire) },
      },
    },
    async ({ params: { id }, query, caller }) => {
      if (!isId(id)) throw noSuchSchedule();
      return inScope(pool, schema, scopeOf(caller), async (client) => {
        if (!(await getSchedule(client, id))) throw noSuchSchedule();
        return listFires(client, id, query.limit);
      });
    },
  );
}

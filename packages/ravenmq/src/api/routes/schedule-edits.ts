/** Making, changing, pausing, running and deleting schedules. */

import type { z } from 'zod';
import { inScope } from '../../db/scope.ts';
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  getSchedule,
  runNow,
  setPaused,
} from '../../schedules/schedules.ts';
import { nextFire } from '../../schedules/timing.ts';
import { writeAuditOf } from '../../tenants/audit.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { checkPayload } from '../payload.ts';
import { Problem } from '../problems.ts';
import { fire, newSchedule, schedule, scheduleToWire, toNewSchedule } from '../schedule-wire.ts';
import { isId } from './jobs.ts';
import { noSuchSchedule, params } from './schedules.ts';

const nameTaken = (name: string) =>
  new Problem(
    'conflict',
    `A schedule named ${name} exists: change it with PUT /schedules/{id}, or choose another name.`,
  );

export function scheduleEditRoutes(app: App, { pool, config, wakeUps }: RouteContext): void {
  const { schema, maxPayloadChars } = config;

  function checked(body: z.output<typeof newSchedule>, anchor: string) {
    checkPayload(body.job.type, body.job.payload, maxPayloadChars, 'body/job');
    return toNewSchedule(body, anchor);
  }

  app.post(
    '/schedules',
    {
      config: { access: 'user' },
      schema: {
        tags: ['schedules'],
        summary: 'Make a schedule',
        body: newSchedule,
        response: { 201: schedule },
      },
    },
    async (request, reply) => {
      const { body, caller } = request;
      const row = checked(body, new Date().toISOString());
      const made = await inScope(pool, schema, scopeOf(caller), async (client) => {
        const answer = await createSchedule(client, caller, row);
        if (answer)
          await writeAuditOf(client, actorOf(request), 'schedule.create', 'schedule', [answer.id], {
            name: body.name,
          });
        return answer;
      });
      if (!made) throw nameTaken(body.name);
      return reply.status(201).send(scheduleToWire(made));
    },
  );

  app.put(
    '/schedules/:id',
    {
      config: { access: 'user' },
      schema: {
        tags: ['schedules'],
        summary: 'Change a schedule; what is left out gets its default',
        params,
        body: newSchedule,
        response: { 200: schedule },
      },
    },
    async (request) => {
      const { body, caller } = request;
      const { id } = request.params;
      if (!isId(id)) throw noSuchSchedule();
      const changed = await inScope(pool, schema, scopeOf(caller), async (client) => {
        const before = await getSchedule(client, id);
        if (!before) throw noSuchSchedule();
        // The same interval keeps its rhythm.
        const same = body.every_ms !== undefined && body.every_ms === before.every_ms;
        const row = checked(body, same ? before.anchor : new Date().toISOString());
        await writeAuditOf(client, actorOf(request), 'schedule.change', 'schedule', [id], {
          name: body.name,
        });
        return changeSchedule(client, id, row);
      }).catch((error: { code?: string }) => {
        throw error.code === '23505' ? nameTaken(body.name) : error;
      });
      if (!changed) throw noSuchSchedule();
      return scheduleToWire(changed);
    },
  );

  for (const [verb, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    app.post(
      `/schedules/:id/${verb}`,
      {
        config: { access: 'user' },
        schema: {
          tags: ['schedules'],
          summary: paused ? 'Stop firing' : 'Fire again, from now on',
          params,
          response: { 200: schedule },
        },
      },
      async (request) => {
        const { id } = request.params;
        if (!isId(id)) throw noSuchSchedule();
        const row = await inScope(pool, schema, scopeOf(request.caller), async (client) => {
          const before = await getSchedule(client, id);
          if (!before) throw noSuchSchedule();
          if (before.paused === paused) return before;
          const next = paused ? undefined : nextFire({ ...before, everyMs: before.every_ms }, new Date());
          await writeAuditOf(client, actorOf(request), `schedule.${verb}`, 'schedule', [id]);
          return setPaused(client, id, paused, next?.toISOString() ?? null);
        });
        if (!row) throw noSuchSchedule();
        return scheduleToWire(row);
      },
    );
  }

  app.post(
    '/schedules/:id/run',
    {
      config: { access: 'user' },
      schema: {
        tags: ['schedules'],
        summary: 'Submit its job now, beside its fire times',
        params,
        response: { 200: fire },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!isId(id)) throw noSuchSchedule();
      const fired = await inScope(pool, schema, scopeOf(request.caller), async (client) => {
        if (!(await getSchedule(client, id))) throw noSuchSchedule();
        await writeAuditOf(client, actorOf(request), 'schedule.run', 'schedule', [id]);
        // Seen with the caller's eyes; submitted as every job is, by the engine.
        await client.query(`select set_config('role', 'none', true)`);
        return runNow(client, id);
      });
      if (!fired) throw noSuchSchedule();
      if (fired.error !== null) throw new Problem('invalid', `The job was refused: ${fired.error}`);
      wakeUps.send();
      return fired;
    },
  );

  app.delete(
    '/schedules/:id',
    {
      config: { access: 'user' },
      schema: { tags: ['schedules'], summary: 'Delete a schedule; its jobs stay', params },
    },
    async (request, reply) => {
      const { id } = request.params;
      const gone =
        isId(id) &&
        (await inScope(pool, schema, scopeOf(request.caller), async (client) => {
          const before = await getSchedule(client, id);
          if (before)
            await writeAuditOf(client, actorOf(request), 'schedule.delete', 'schedule', [id], {
              name: before.name,
            });
          return deleteSchedule(client, id);
        }));
      if (!gone) throw noSuchSchedule();
      return reply.status(204).send();
    },
  );
}

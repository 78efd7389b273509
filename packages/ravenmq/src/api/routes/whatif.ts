/** What the past would have been like in another order, with other slots, with more arrivals. */
import { z } from 'zod';
import { inScope } from '../../db/scope.ts';
import { predictorNames } from '../../simulator/predictors.ts';
import { comparable, type Window, windows } from '../../whatif/question.ts';
import { ask, cancelWhatif, listWhatifs, mostOpen, readWhatif } from '../../whatif/store.ts';
import type { App, RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { Problem } from '../problems.ts';
import { queueName } from '../wire.ts';
import { isId } from './jobs.ts';

const [number, text] = [z.number(), z.string()];
const time = text.meta({ format: 'date-time' });

const body = z.strictObject({
  window: z.enum(Object.keys(windows) as [Window, ...Window[]]).default('day'),
  scope: z.enum(['own', 'all']).default('own'),
  queue: queueName.optional(),
  policies: z.array(z.enum(comparable)).min(1).max(comparable.length).default(['fifo', 'adaptive']),
  slots: z.array(z.int().min(1).max(10_000)).min(1).max(4),
  arrival_scales: z.array(z.number().min(0.1).max(10)).min(1).max(4).default([1]),
  predictor: z.enum(predictorNames as [string, ...string[]]).default('shrunk-mean'),
});

const answer = z.object({
  ...{ jobs: number, from: time, until: time, sentence: text },
  rows: z.array(
    z.object({
      ...{ policy: text, slots: number, arrival_scale: number, utilisation: number, mean_wait_ms: number },
      ...{ p95_wait_ms: number, p99_wait_ms: number, max_wait_ms: number, slowdown: number },
      ...{ gap_wait: number, gap_slowdown: number, wait_quantiles_ms: z.array(number) },
    }),
  ),
  capacity: z.array(
    z.object({
      ...{ arrival_scale: number, slots: number, p95_wait_ms: number },
      ...{ slots_to_keep: number.nullable(), sentence: text },
    }),
  ),
});

const whatif = z
  .object({
    id: text,
    status: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
    progress: number,
    asked: z.object({ ...body.omit({ scope: true }).shape, everything: z.boolean() }),
    ...{ asked_at: time, ended_at: time.nullable(), error: text.nullable() },
    result: answer.nullable(),
  })
  .meta({ id: 'Whatif' });

const params = z.object({ id: text });
const unknown = () => new Problem('not_found', 'There is no such what-if.');

export function whatifRoutes(app: App, { pool, config }: RouteContext): void {
  const { schema } = config;

  app.post(
    '/whatif',
    {
      config: { access: 'user' },
      schema: {
        tags: ['what-if'],
        summary: 'Replay the finished jobs of a window in other orders, with other slots, with more arrivals',
        body,
        response: { 202: whatif },
      },
    },
    async ({ body: { scope, ...question }, caller }, reply) => {
      if (scope === 'all' && caller.role !== 'admin')
        throw new Problem('forbidden', 'Only an administrator replays the jobs of every organization.');
      const asker = {
        // What is told of everybody is the administrator's own, not the organization's.
        tenantId: scope === 'all' ? caller.userId : (caller.orgId ?? caller.userId),
        userId: caller.userId,
        everything: scope === 'all',
      };
      const row = await ask(pool, asker, question);
      if (!row)
        throw new Problem('too_many_requests', `${mostOpen} questions are open: wait for one, or cancel it.`);
      return reply.status(202).send(row);
    },
  );

  app.get(
    '/whatif',
    {
      config: { access: 'user' },
      schema: {
        tags: ['what-if'],
        summary: 'The last 20, without their answers',
        response: { 200: z.array(whatif) },
      },
    },
    async ({ caller }) => inScope(pool, schema, scopeOf(caller), listWhatifs),
  );

  app.get(
    '/whatif/:id',
    {
      config: { access: 'user' },
      schema: {
        tags: ['what-if'],
        summary: 'One, with its answer when it is done',
        params,
        response: { 200: whatif },
      },
    },
    async ({ params: { id }, caller }) => {
      const row = isId(id)
        ? await inScope(pool, schema, scopeOf(caller), (client) => readWhatif(client, id))
        : undefined;
      if (!row) throw unknown();
      return row;
    },
  );

  app.post(
    '/whatif/:id/cancel',
    {
      config: { access: 'user' },
      schema: { tags: ['what-if'], summary: 'Stop working on it', params, response: { 200: whatif } },
    },
    async ({ params: { id }, caller }) => {
      const row = isId(id)
        ? await inScope(pool, schema, scopeOf(caller), (client) => cancelWhatif(client, id))
        : undefined;
      if (!row) throw unknown();
      return row;
    },
  );
}

/** What the order expects: of one job, of a queue, of a job that is not submitted yet. */
import { z } from 'zod';
import { quote } from '../../plan/estimate.ts';
import { explainJob } from '../../plan/explain.ts';
import { reasonCodes } from '../../plan/reasons.ts';
import { showBoard } from '../../plan/show-board.ts';
import type { App, RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { checkPayload } from '../payload.ts';
import { Problem } from '../problems.ts';
import { estimateBody, queueName, range } from '../wire.ts';
import { isId, noSuchJob } from './jobs.ts';

const time = z.string().meta({ format: 'date-time' });
const some = <T extends z.ZodType>(schema: T) => schema.nullable();
const number = z.number();
const text = z.string();

const predicted = z.object({ p50_ms: number, p90_ms: number, mean_ms: number });
const reason = z
  .object({
    code: z.enum(reasonCodes),
    text,
    detail: z.record(text, z.union([text, number, z.null()])),
  })
  .meta({ id: 'Reason' });
const named = { own: z.boolean(), job_id: some(text), name: some(text), type: some(text) };

const explanation = z
  .object({
    ...{ job_id: text, status: text, queue: text, sentence: text, planned_at: some(time) },
    ...{ position: some(number), waiting: some(number), exact: z.boolean() },
    ...{ start: some(range), finish: some(range), predicted, reason: some(reason) },
    terms: some(
      z.object({
        ...{ ready_at: time, mean_ms: number, weight: number, stretch: some(number), added_ms: number },
        ...{ deadline: some(time), p90_ms: number, start_by: time },
        set_by: z.enum(['stretch', 'deadline', 'arrival']),
      }),
    ),
    ahead: some(z.object({ position: number, ...named, start_by: some(time), sooner_ms: some(number) })),
    neighbours: z.array(
      z.object({ position: number, ...named, self: z.boolean(), start_by: some(time), start: some(range) }),
    ),
    running_long: z.boolean(),
    deadline_at_risk: some(z.boolean()),
  })
  .meta({ id: 'Explanation' });

const board = z
  .object({
    ...{ queue: text, planned_at: some(time), paused: z.boolean(), waiting: number, running: number },
    ...{ slots: number, free_slots: number, workers: number, backlog_ms: number, running_ms: number },
    drained: some(range),
    jobs: z.array(
      z.object({
        ...{ position: number, ...named, org_id: some(text), start: some(range), finish: some(range) },
        predicted: some(z.object({ p50_ms: number, p90_ms: number })),
        ...{ reason: some(reason), worker_id: some(text), slot: some(number) },
      }),
    ),
    slots_plan: z.array(
      z.object({
        ...{ worker_id: text, slot: number },
        items: z.array(
          z.object({
            ...{ kind: z.enum(['running', 'planned']), ...named, from: time },
            until: some(z.object({ p50: time, p90: time })),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'Board' });

const estimate = z
  .object({
    predicted,
    basis: z.enum(['variant', 'series', 'type', 'built_in', 'default']),
    ...{ samples: number, queue: text, position: some(number), waiting: some(number) },
    ...{ start: some(range), finish: some(range), planned_at: some(time) },
    ...{ deadline_at_risk: some(z.boolean()), sentence: text },
  })
  .meta({ id: 'Estimate' });

export function explainRoutes(app: App, { pool, config, plans }: RouteContext): void {
  const { schema, maxPayloadChars } = config;

  app.get(
    '/jobs/:id/explain',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'When a job will start, and why it does not yet',
        params: z.object({ id: z.string() }),
        response: { 200: explanation },
      },
    },
    async ({ params, caller }) => {
      const viewer = { pool, schema, scope: scopeOf(caller) };
      const answer = isId(params.id) ? await explainJob(viewer, params.id) : undefined;
      if (!answer) throw noSuchJob();
      return answer;
    },
  );

  app.get(
    '/queues/:name/board',
    {
      config: { access: 'user' },
      schema: {
        tags: ['queues'],
        summary: 'The next 50 jobs of a queue with their times, and what its slots do until when',
        params: z.object({ name: queueName }),
        response: { 200: board },
      },
    },
    async ({ params, caller }) => {
      const answer = await showBoard({ pool, schema, scope: scopeOf(caller) }, params.name);
      if (!answer) throw new Problem('not_found', `There is no queue ${params.name}.`);
      return answer;
    },
  );

  app.post(
    '/estimate',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'How long a job would run and when it would start, without submitting it',
        body: estimateBody,
        response: { 200: estimate },
      },
    },
    async ({ body, caller }) => {
      if (body.payload) checkPayload(body.type, body.payload, maxPayloadChars);
      const asked = {
        tenantId: caller.orgId ?? caller.userId,
        type: body.type,
        name: body.name ?? body.type,
        queue: body.queue,
        variant: body.variant ?? null,
        sizeHint: body.size_hint ?? null,
        weight: body.weight,
        deadline: body.deadline ?? null,
      };
      return quote(pool, asked, await plans.fresh(body.queue));
    },
  );
}

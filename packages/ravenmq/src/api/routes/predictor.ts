import { z } from 'zod';
import { transaction } from '../../db/connect.ts';
import { askForTraining, changeChoice, rollBack, Unknown } from '../../models/choice.ts';
import { readPredictor } from '../../models/state.ts';
import { writeAudit } from '../../tenants/audit.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import { Problem } from '../problems.ts';

const scores = z.object({
  misorder: z.number().describe('What wrong order costs, 0 to 1; 0.5 is chance'),
  logError: z.number().describe('Mean |ln predicted - ln actual| of the median'),
  mape: z.number().describe('Mean |predicted - actual| / actual of the median'),
  coverage: z.number().describe('Share of runs within the predicted p90; 0.9 is right'),
});
const choice = z.object({
  mode: z.enum(['auto', 'fixed', 'off']),
  candidate: z.string().nullable(),
  version: z.number().nullable(),
  train_asked_at: z.string().nullable(),
  changed_at: z.string(),
});
const state = z.object({
  choice,
  report: z
    .object({
      champions: z.object({ misorder: z.string(), logError: z.string() }),
      runs: z.number(),
      candidates: z.record(z.string(), scores),
    })
    .nullable(),
  learned_at: z.string().nullable(),
  versions: z.array(
    z.object({
      id: z.number(),
      candidate: z.string(),
      trained_at: z.string(),
      samples: z.number(),
      took_ms: z.number(),
      curve: z.array(z.number()).describe('Loss by epoch'),
      metrics: scores.partial(),
    }),
  ),
  events: z.array(
    z.object({
      at: z.string(),
      kind: z.string(),
      question: z.string().nullable(),
      candidate: z.string().nullable(),
      version: z.number().nullable(),
      before: z.string().nullable(),
      metrics: z.record(z.string(), z.number()),
    }),
  ),
});
const candidate = z.string().min(1).max(64);

/** One predictor serves all organizations, so only administrators see and change it. */
export function predictorRoutes(app: App, { pool }: RouteContext): void {
  const schema = { tags: ['predictor'], response: { 200: state } };

  app.get(
    '/predictor',
    {
      config: { access: 'admin' },
      schema: { ...schema, summary: 'Who predicts and why, how right each candidate was, what was trained' },
    },
    () => readPredictor(pool),
  );

  app.put(
    '/predictor/choice',
    {
      config: { access: 'admin' },
      schema: {
        ...schema,
        summary:
          'Let measured gain decide (auto), fix a candidate or a version of its weights, or switch learning off',
        body: z.discriminatedUnion('mode', [
          z.strictObject({ mode: z.enum(['auto', 'off']) }),
          z.strictObject({ mode: z.literal('fixed'), candidate, version: z.int().positive().optional() }),
        ]),
      },
    },
    async (request) => {
      const { body } = request;
      try {
        await transaction(pool, async (client) => {
          await changeChoice(client, { ...body, userId: actorOf(request).userId });
          await writeAudit(client, { ...actorOf(request), orgId: null }, 'predictor.choice', body.mode, body);
        });
      } catch (error) {
        if (error instanceof Unknown) throw new Problem('not_found', error.message);
        throw error;
      }
      return readPredictor(pool);
    },
  );

  app.post(
    '/predictor/rollback',
    {
      config: { access: 'admin' },
      schema: {
        ...schema,
        summary: 'Fix the version of a candidate before the one that is used now',
        body: z.strictObject({ candidate }),
      },
    },
    async (request) => {
      const { candidate } = request.body;
      await transaction(pool, async (client) => {
        const version = await rollBack(client, candidate, actorOf(request).userId);
        if (version === undefined)
          throw new Problem('not_found', `${candidate} has no earlier version to go back to.`);
        await writeAudit(client, { ...actorOf(request), orgId: null }, 'predictor.rollback', candidate, {
          version,
        });
      });
      return readPredictor(pool);
    },
  );

  app.post(
    '/predictor/train',
    { config: { access: 'admin' }, schema: { ...schema, summary: 'Train the candidates that can be, now' } },
    async (request) => {
      await transaction(pool, async (client) => {
        await askForTraining(client);
        await writeAudit(client, { ...actorOf(request), orgId: null }, 'predictor.train', 'all', {});
      });
      return readPredictor(pool);
    },
  );
}

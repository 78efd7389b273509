import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Pool } from '../db/connect.ts';
import type { Logger } from '../log.ts';
import { latestWeights } from '../models/versions.ts';
import { classicMs } from './candidates/classic.ts';
import { baseMs, priorOf } from './running-stats.ts';
import { everyone } from './series.ts';

const request = z.strictObject({
  job_type: z.string().min(1).max(64),
  history: z.array(z.string().min(1).max(64)).max(1_000).default([]),
});

const titles: Record<number, string> = {
  404: 'Not found',
  422: 'The request has invalid values',
  503: 'Not available for the moment',
};

/** POST /predict and GET /health. Errors are problem details. */
export function createPredictorServer(pool: Pool, log: Logger): FastifyInstance {
  const app = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  let trained = false;

  app.setErrorHandler((error: { statusCode?: number; message: string }, _, reply) => {
    if (error.statusCode && error.statusCode < 500)
      return sendProblem(reply, error.statusCode, error.message);
    // Nothing but the database can fail here.
    log.error({ event: 'predict_failed', err: error });
    return sendProblem(reply, 503, 'The database does not answer. Published estimates stay in use.');
  });
  app.setNotFoundHandler(({ method, url }, reply) =>
    sendProblem(reply, 404, `There is no ${method} ${url.split('?')[0]}.`),
  );

  app.post('/predict', async (incoming, reply) => {
    const parsed = request.safeParse(incoming.body);
    if (!parsed.success) return sendProblem(reply, 422, z.prettifyError(parsed.error));
    const { job_type: type, history } = parsed.data;
    const ms = history.length > 0 ? await predictClassic(pool, type, history) : await predictType(pool, type);
    return { predicted_runtime_ms: ms, predicted_priority: 1 / (1 + ms / 3_000), job_type: type };
  });

  app.get('/health', async () => {
    // Once trained, always trained: from then on health asks the database nothing.
    trained ||= (await pool.query('select from series_stat where samples > 0 limit 1')).rowCount === 1;
    return { status: 'ok', model_trained: trained };
  });
  return app;
}

/** What a job of the type takes, over all tenants for a built-in type; any other gets the general assumption. */
async function predictType(pool: Pool, type: string): Promise<number> {
  if (!baseMs.has(type)) return priorOf(type).p50Ms;
  const { rows } = await pool.query<{ p50_ms: number }>(
    `select p50_ms from estimate where tenant_id = $1 and type = $2 and name = ''`,
    [everyone, type],
  );
  return rows[0]?.p50_ms ?? priorOf(type).p50Ms;
}

/** The classic form: the base runtime of the type times what its LSTM reads from the types of the last jobs. */
async function predictClassic(pool: Pool, type: string, history: string[]): Promise<number> {
  return classicMs(type, history, await latestWeights(pool, 'classic'));
}

function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply
    .status(status)
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send({
      type: 'about:blank',
      title: titles[status] ?? 'The request cannot be understood',
      status,
      detail,
    });
}

import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Pool } from '../db/connect.ts';
import type { Logger } from '../log.ts';
import { priorOf } from './running-stats.ts';
import { everyone } from './series.ts';

const request = z.strictObject({
  job_type: z.string().min(1).max(64),
  history: z.array(z.string().min(1).max(64)).max(1_000).default([]),
});

/** POST /predict and GET /health. */
export function createPredictorServer(pool: Pool, log: Logger): FastifyInstance {
  const app = fastify({ routerOptions: { ignoreTrailingSlash: true } });

  app.setErrorHandler((error: { statusCode?: number; message: string }, _, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ event: 'predict_failed', err: error });
    return sendProblem(reply, status, status >= 500 ? 'The log has the details.' : error.message);
  });

  app.post('/predict', async (incoming, reply) => {
    const parsed = request.safeParse(incoming.body);
    if (!parsed.success) return sendProblem(reply, 422, z.prettifyError(parsed.error));
    const { job_type: type } = parsed.data;
    const ms = await predictType(pool, type);
    return { predicted_runtime_ms: ms, predicted_priority: 1 / (1 + ms / 3_000), job_type: type };
  });

  app.get('/health', async () => {
    const { rowCount } = await pool.query('select from series_stat where samples > 0 limit 1');
    return { status: 'ok', model_trained: rowCount === 1 };
  });
  return app;
}

/** What a job of the type takes, over all tenants for a built-in type; an unknown type gets the general assumption. */
async function predictType(pool: Pool, type: string): Promise<number> {
  const { rows } = await pool.query<{ p50_ms: number }>(
    `select p50_ms from estimate where tenant_id = $1 and type = $2 and name = ''`,
    [everyone, type],
  );
  return rows[0]?.p50_ms ?? priorOf(type).p50Ms;
}

function sendProblem(reply: import('fastify').FastifyReply, status: number, detail: string) {
  return reply
    .status(status)
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send({
      type: 'about:blank',
      title: status === 422 ? 'The request has invalid values' : 'Error',
      status,
      detail,
    });
}

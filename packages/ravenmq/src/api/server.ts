/** The API role: one HTTP server for the REST API, its reference, the metrics and the dashboard. */
import cors from '@fastify/cors';
import fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Config } from '../config.ts';
import type { Pool } from '../db/connect.ts';
import { readServerMetrics } from '../db/server-metrics.ts';
import type { WakeUps } from '../db/wake-ups.ts';
import { newJobId } from '../jobs/id.ts';
import { readJobMetrics } from '../jobs/metrics.ts';
import { createSubmitter } from '../jobs/submit.ts';
import type { Logger } from '../log.ts';
import { PlanCache } from '../plan/plan-cache.ts';
import { type App, mayCall, type RouteContext } from './app.ts';
import { createAuth } from './auth.ts';
import { serveDashboard } from './dashboard.ts';
import { answerError, handleErrors } from './error-handler.ts';
import { createHttpMetrics } from './http-metrics.ts';
import { describeApi, serveReference } from './openapi.ts';
import { Problem } from './problems.ts';
import { createUserLimit } from './rate-limit.ts';
import { analyticsRoutes } from './routes/analytics.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { auditRoutes } from './routes/audit.ts';
import { authRoutes } from './routes/auth.ts';
import { explainRoutes } from './routes/explain.ts';
import { forecastRoutes } from './routes/forecasts.ts';
import { healthRoutes } from './routes/health.ts';
import { jobEditRoutes } from './routes/job-edits.ts';
import { jobReportRoutes } from './routes/job-reports.ts';
import { jobRoutes } from './routes/jobs.ts';
import { jobsInBulkRoutes } from './routes/jobs-in-bulk.ts';
import { limitRoutes } from './routes/limits.ts';
import { liveRoutes } from './routes/live.ts';
import { memberRoutes } from './routes/members.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { organizationRoutes } from './routes/organizations.ts';
import { predictorRoutes } from './routes/predictor.ts';
import { queueRoutes } from './routes/queues.ts';
import { scheduleEditRoutes } from './routes/schedule-edits.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { whatifRoutes } from './routes/whatif.ts';
import { workerRoutes } from './routes/workers.ts';

export interface ApiOptions {
  pool: Pool;
  config: Config;
  log: Logger;
  wakeUps: WakeUps;
  /** The exported dashboard; without it the API serves none. */
  dashboardDir?: string;
}

export interface Api {
  start(): Promise<{ url: string }>;
  stop(): Promise<void>;
  /** What GET /metrics answers. */
  metrics(): Promise<string>;
  /** For tests: the server without a socket. */
  readonly app: App;
}

export async function createApi(options: ApiOptions): Promise<Api> {
  const { pool, config, log, wakeUps } = options;
  const app: App = fastify({
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    routerOptions: { ignoreTrailingSlash: true },
    bodyLimit: Math.max(1_048_576, config.maxPayloadChars * 8),
    genReqId: () => newJobId(),
    requestTimeout: 60_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply, log),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  handleErrors(app, log);

  const auth = createAuth({ pool, secret: config.jwtSecret, ttlSeconds: config.tokenTtlSeconds });
  const submitter = createSubmitter({ pool, wakeUps });
  const context: RouteContext = { pool, config, log, auth, submitter, wakeUps, plans: new PlanCache(pool) };
  const http = createHttpMetrics(app);
  const metrics = async () =>
    [await readJobMetrics(pool), await readServerMetrics(pool), await http.metrics()].join('\n');

  secureAnswers(app);
  await app.register(cors, {
    origin: config.corsOrigins.length > 0 ? config.corsOrigins : false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    credentials: true,
    exposedHeaders: ['link', 'retry-after'],
  });
  await describeApi(app);
  await app.register(async (routes) => {
    guardRoutes(routes as App, context);
    for (const add of [
      healthRoutes,
      authRoutes,
      jobRoutes,
      jobEditRoutes,
      jobReportRoutes,
      explainRoutes,
      scheduleRoutes,
      scheduleEditRoutes,
      forecastRoutes,
      whatifRoutes,
      jobsInBulkRoutes,
      liveRoutes,
      workerRoutes,
      organizationRoutes,
      memberRoutes,
      auditRoutes,
      apiKeyRoutes,
      predictorRoutes,
      queueRoutes,
      limitRoutes,
      analyticsRoutes,
    ]) {
      add(routes as App, context);
    }
    metricsRoutes(routes as App, context, metrics);
  });
  await serveReference(app);
  await serveDashboard(app, options.dashboardDir);

  return {
    app,
    metrics,
    async start() {
      await app.listen({ host: config.host, port: config.port });
      const { port } = app.server.address() as { port: number };
      return { url: `http://${config.host}:${port}` };
    },
    async stop() {
      await app.close();
      await submitter.stop();
    },
  };
}

/** Authenticates every route that is not public and checks what it declared. */
function guardRoutes(app: App, { auth, config }: RouteContext): void {
  const countRequest = createUserLimit(config.requestsPerMinute);
  app.addHook('onRoute', (route) => {
    if (!route.config?.access) throw new Error(`Route ${route.method} ${route.url} declares no access.`);
  });
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access ?? 'admin';
    if (access === 'public') return;
    request.caller = await auth.authenticate(request);
    countRequest(request.caller.userId);
    if (!mayCall(access, request.caller)) {
      throw new Problem('forbidden', `This needs the role ${access}; you are ${request.caller.role}.`);
    }
  });
}

function secureAnswers(app: App): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    if (!reply.hasHeader('content-security-policy')) {
      reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    }
    done();
  });
}

/** Starts roles in this process and stops them on a signal, in reverse order. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { createApi } from '../api/server.ts';
import type { Config } from '../config.ts';
import { connect, type Pool } from '../db/connect.ts';
import { endPool } from '../db/dead-sockets.ts';
import { createListener } from '../db/listen.ts';
import { migrate } from '../db/migrate.ts';
import { sessionUrl } from '../db/route.ts';
import { cancelChannel, createWakeUps, noWakeUps, type WakeUps, wakeUpChannel } from '../db/wake-ups.ts';
import type { Executor } from '../executors/executor.ts';
import { mlPatienceMs } from '../executors/ml.ts';
import { createBuiltInExecutors } from '../executors/registry.ts';
import type { Logger } from '../log.ts';
import { createPredictor } from '../predictor/predictor.ts';
import { createSchedulerMetrics } from '../scheduler/metrics.ts';
import { createScheduler } from '../scheduler/scheduler.ts';
import { ensureAdmin } from '../tenants/first-admin.ts';
import type { Handler } from '../worker/attempt.ts';
import { newIdentity } from '../worker/identity.ts';
import { createExchangeMetrics, measureWorker } from '../worker/metrics.ts';
import { createWorker, statementTimeoutOf } from '../worker/worker.ts';
import { openOps } from './ops.ts';
import { whenAnswered } from './when-answered.ts';

export type Role = 'api' | 'scheduler' | 'worker' | 'predictor';

export interface Context {
  config: Config;
  log: Logger;
}

export interface Running {
  apiUrl?: string;
  predictorUrl?: string;
  /** Why it does not serve although its database answers; undefined when it does. */
  notReady?(): string | undefined;
  /** Prometheus text, none for a role that counts nothing. */
  metrics?(): Promise<string>;
  stop(): Promise<void>;
}

export interface RunningRole extends Running {
  role: Role;
  pool: Pool;
}

/** The exported dashboard, when it is built. */
export function dashboardFolder(): { dashboardDir?: string } {
  const folder = fileURLToPath(new URL('../../../dashboard/out', import.meta.url));
  return existsSync(folder) ? { dashboardDir: folder } : {};
}

/** Connections of one role's pool. */
const poolSizes: Record<Role, number> = { api: 10, scheduler: 4, worker: 4, predictor: 3 };

/** Starts one role; the schema must be up to date. */
export async function startRole(role: Role, context: Context): Promise<RunningRole> {
  const { config, log } = context;
  const identity = newIdentity(role);
  const pool = connect({
    url: config.databaseUrl,
    schema: config.schema,
    max: poolSizes[role],
    applicationName: `ravenmq ${identity.id}`,
    log,
    ...statementTimeout(role, config),
  });
  const running = await starters[role]({ ...context, pool, identity }).catch(async (error) => {
    await endPool(pool);
    throw error;
  });
  return {
    ...running,
    role,
    pool,
    async stop() {
      await running.stop();
      await endPool(pool);
    },
  };
}

/** A statement that hangs on a dead connection must not outlast a request, the leases, or two terms. */
function statementTimeout(role: Role, config: Config): { statementTimeoutMs?: number } {
  if (role === 'api') return { statementTimeoutMs: config.statementTimeoutMs };
  if (role === 'worker') return { statementTimeoutMs: statementTimeoutOf(config.leaseMs) };
  if (role === 'scheduler') return { statementTimeoutMs: Math.max(5_000, config.leaderTermMs * 2) };
  return {};
}

interface RoleContext extends Context {
  pool: Pool;
  identity: ReturnType<typeof newIdentity>;
}

function wakeUpsOf({ wakeUps, schema }: Config, pool: Pool, log: Logger): WakeUps {
  return wakeUps ? createWakeUps(pool, wakeUpChannel(schema), log) : noWakeUps;
}

const starters: Record<Role, (context: RoleContext) => Promise<Running>> = {
  async api({ config, log, pool }) {
    const wakeUps = wakeUpsOf(config, pool, log);
    const api = await createApi({ pool, config, log, wakeUps, ...dashboardFolder() });
    const { url } = await api.start();
    return {
      apiUrl: url,
      metrics: api.metrics,
      async stop() {
        await api.stop();
        await wakeUps.stop();
      },
    };
  },

  async scheduler({ config, log, pool, identity }) {
    const wakeUps = wakeUpsOf(config, pool, log);
    const registry = new Registry();
    const scheduler = createScheduler({
      metrics: createSchedulerMetrics(registry),
      pool,
      directUrl: await directUrl(config),
      schema: config.schema,
      workerId: identity.id,
      termMs: config.leaderTermMs,
      retentionDays: config.retentionDays,
      wakeUps,
      log,
    });
    scheduler.start();
    return {
      metrics: () => registry.metrics(),
      async stop() {
        await scheduler.stop();
        await wakeUps.stop();
      },
    };
  },

  async worker({ config, log, pool, identity }) {
    const listenUrl = await directUrl(config);
    const executors = createBuiltInExecutors(config);
    const handlers = new Map<string, Handler>();
    handlers.set('http', handlerOf(executors.http));
    if (executors.shell) handlers.set('shell', handlerOf(executors.shell));
    if (executors.etl) handlers.set('etl', handlerOf(executors.etl));
    if (executors.ml) handlers.set('ml', handlerOf(executors.ml, mlPatienceMs));
    const registry = new Registry();
    const worker = createWorker({
      onAnswer: createExchangeMetrics(registry),
      pool,
      log,
      identity,
      handlers,
      slots: config.slots,
      leaseMs: config.leaseMs,
      heartbeatMs: config.heartbeatMs,
      pollMs: config.pollMs,
      queues: config.queues.length > 0 ? config.queues : null,
      secrets: secretsOf(config),
      fastLane:
        config.fastSlots > 0
          ? { slots: config.fastSlots, underMs: config.fastUnderMs, lendAfterMs: config.fastLendMs }
          : null,
    });
    const listener = createListener({
      url: listenUrl,
      schema: config.schema,
      applicationName: `ravenmq ${identity.id} listener`,
      log,
      channels: {
        [wakeUpChannel(config.schema)]: () => worker.wake(),
        [cancelChannel(config.schema)]: () => worker.checkCancels(),
      },
    });
    measureWorker(worker, registry);
    await worker.start();
    await listener.start();
    return {
      metrics: () => registry.metrics(),
      notReady: () => (worker.state.deaf ? 'claims and finishes fail' : undefined),
      async stop() {
        await listener.stop();
        await worker.stop(config.graceMs);
        await executors.close();
      },
    };
  },

  async predictor({ config, log, pool }) {
    const predictor = createPredictor({ pool, config, log });
    const { port } = await predictor.start();
    return { predictorUrl: `http://${config.host}:${port}`, stop: () => predictor.stop() };
  },
};

function directUrl({ databaseUrl, directUrl }: Config): Promise<string> {
  return sessionUrl(
    { url: databaseUrl, setting: 'DATABASE_URL' },
    { url: directUrl, setting: 'DATABASE_DIRECT_URL' },
  );
}

/** What the worker itself holds and no job may show. */
function secretsOf({ databaseUrl, directUrl, jwtSecret, adminPassword }: Config): string[] {
  const passwords = [databaseUrl, directUrl].map((url) => URL.parse(url)?.password ?? '');
  return [databaseUrl, directUrl, jwtSecret, adminPassword, ...passwords].filter((secret) => secret !== '');
}

function handlerOf(executor: Executor, patienceMs?: number): Handler {
  const handler: Handler = (payload, context) => {
    const { jobId, tenantId, type, name, attempt, fence, signal } = context;
    return executor({
      ...{ jobId, tenantId, type, name, payload, attempt, fence, signal },
      // Read when they are called: a context that nobody reports to does nothing.
      log: (message, level) => context.log(message, level),
      progress: (share, note) => context.progress(share, note),
      metric: (name, step, value) => context.metric(name, step, value),
    });
  };
  return Object.assign(handler, { patienceMs });
}

/** The command of a single role: migrates, makes the first administrator, runs until a signal. */
export async function runRoles(context: Context, roles: Role[]): Promise<void> {
  const { config, log } = context;
  if (config.databaseUrl === '')
    throw new Error('DATABASE_URL is not set. `ravenmq up` runs without one, a single role needs it.');
  const ops = await openOps(context);
  const stopped = untilSignal();
  try {
    await prepareDatabase(context);
    const running: RunningRole[] = [];
    for (const role of roles) running.push(await startRole(role, context));
    for (const { apiUrl, predictorUrl } of running) {
      const url = apiUrl ?? predictorUrl;
      if (url) log.info({ event: 'listening', url });
    }
    ops.started(running);
    await stopped;
    ops.stopping();
    for (const role of running.reverse()) await role.stop();
  } finally {
    await ops.stop();
  }
}

/** Brings the schema up to date and makes the first administrator. Answers the password if one was generated. */
export async function prepareDatabase({ config, log }: Context): Promise<string | undefined> {
  const pool = connect({
    url: config.databaseUrl,
    schema: config.schema,
    max: 1,
    applicationName: 'ravenmq migrate',
    log,
  });
  try {
    const applied = await whenAnswered(config.startWaitMs, log, () => migrate(pool, config.schema));
    if (applied.length > 0) log.info({ event: 'migrated', versions: applied });
    return await ensureAdmin(pool, { username: config.adminUsername, password: config.adminPassword });
  } finally {
    await pool.end();
  }
}

/** Resolves at the first SIGINT or SIGTERM; the second ends the process at once. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let signals = 0;
    const onSignal = () => {
      if (++signals > 1) process.exit(130);
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

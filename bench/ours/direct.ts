/** RavenMQ as a user has it: the library's producer and worker with their defaults, and a scheduler beside them. */
import type { Pool } from '../../packages/ravenmq/src/db/connect.ts';
import { migrate } from '../../packages/ravenmq/src/db/migrate.ts';
import { noWakeUps } from '../../packages/ravenmq/src/db/wake-ups.ts';
import { createWorker, defineJob, type EnqueueOptions, Raven } from '../../packages/ravenmq/src/index.ts';
import { silentLogger } from '../../packages/ravenmq/src/log.ts';
import { createScheduler } from '../../packages/ravenmq/src/scheduler/scheduler.ts';
import type { Contestant, Payload, Place, Running } from '../contestant.ts';
import { emptyTables, noneLeft, organization, pools, schema } from './database.ts';
import { fillMixed, mixedTypes, prepareMixed } from './mixed.ts';

export interface LibraryOptions {
  /** Notifications after a submission. */
  wakeUps?: boolean;
  /** 100 organizations, half of them with a limit on running jobs, and types of very different predicted runtimes. */
  mixed?: boolean;
}

export function direct({ databaseUrl }: Place, options: LibraryOptions = {}): Contestant {
  const { wakeUps = true, mixed = false } = options;
  return {
    async prepare() {
      const pool = pools(databaseUrl, 1);
      await migrate(pool, schema);
      await pool.query(emptyTables);
      await pool.query(`delete from estimate where tenant_id <> '00000000-0000-0000-0000-000000000000'`);
      await pool.query('insert into organizations (name) values ($1)', [organization]);
      if (mixed) await prepareMixed(pool);
      await pool.query('vacuum analyze');
      await pool.end();
    },
    isEmpty: (pool) => noneLeft(pool, `${schema}.job_live`),
    produce: async () => (mixed ? fillMixed(databaseUrl) : producer(databaseUrl, wakeUps, schema)),
    work: (onJob) => startWorker(databaseUrl, schema, mixed ? mixedTypes : ['bench'], onJob),
    accompany: () => startScheduler(databaseUrl, schema),
  };
}

export function producer(databaseUrl: string, wakeUps: boolean, schema: string) {
  const raven = new Raven({ databaseUrl, schema, organization, wakeUps });
  const job = defineJob({ type: 'bench', input: anything<Payload>(), run: () => {} });
  const options = ({ level }: Payload): EnqueueOptions =>
    level === undefined ? {} : { weight: 0.1 + level / 100 };
  // Made with the first transaction: most producers have none.
  let own: Pool | undefined;
  return {
    one: (payload: Payload) => raven.enqueue(job, payload, options(payload)),
    many: (payloads: Payload[]) =>
      raven.enqueueMany(payloads.map((payload) => [job, payload, options(payload)])),
    async inTransaction(payload: Payload) {
      own ??= pools(databaseUrl, 10);
      const client = await own.connect();
      await client.query('begin');
      await raven.tx(client).enqueue(job, payload, options(payload));
      await client.query('commit');
      client.release();
    },
    async close() {
      await raven.close();
      await own?.end();
    },
  };
}

export async function startWorker(
  databaseUrl: string,
  schema: string,
  types: string[],
  onJob: (payload: Payload) => void,
): Promise<Running> {
  const jobs = types.map((type) => defineJob({ type, input: anything<Payload>(), run: onJob }));
  const worker = createWorker({ databaseUrl, schema, jobs, log: silentLogger });
  await worker.start();
  return worker;
}

/** Resolves when it leads. */
export async function startScheduler(databaseUrl: string, schema: string): Promise<Running> {
  const pool = pools(databaseUrl, 4, schema);
  const workerId = `bench-${process.pid}`;
  const scheduler = createScheduler({
    pool,
    directUrl: databaseUrl,
    schema,
    workerId,
    termMs: 5_000,
    retentionDays: 30,
    wakeUps: noWakeUps,
    log: silentLogger,
  });
  scheduler.start();
  const leads = 'select from scheduler_leader where worker_id = $1';
  while ((await pool.query(leads, [workerId])).rowCount === 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    async stop() {
      await scheduler.stop();
      await pool.end();
    },
  };
}

/** A schema in the standard form that takes everything. */
export const anything = <Value>() => ({
  '~standard': {
    version: 1 as const,
    vendor: 'bench',
    validate: (value: unknown) => ({ value: value as Value }),
  },
});

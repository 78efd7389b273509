/** RavenMQ as a user has it: the library's producer and worker with their defaults, and a scheduler beside. */
import { connect, type Pool } from '../../packages/ravenmq/src/db/connect.ts';
import { migrate } from '../../packages/ravenmq/src/db/migrate.ts';
import { noWakeUps } from '../../packages/ravenmq/src/db/wake-ups.ts';
import { createWorker, defineJob, Raven } from '../../packages/ravenmq/src/index.ts';
import { setLimit, tenantScope } from '../../packages/ravenmq/src/jobs/queues.ts';
import { silentLogger } from '../../packages/ravenmq/src/log.ts';
import { createScheduler } from '../../packages/ravenmq/src/scheduler/scheduler.ts';
import type { Contestant, Payload, Place } from '../contestant.ts';

export const schema = 'bench_ravenmq';
const organization = 'bench';

export interface LibraryOptions {
  /** Notifications after a submission. */
  wakeUps?: boolean;
  /** Submit inside a transaction of the caller's own. */
  inTransaction?: boolean;
  /** 100 organizations, half of them with a limit on running jobs, and three job types. */
  mixed?: boolean;
}

export function library({ databaseUrl }: Place, options: LibraryOptions = {}): Contestant {
  const { wakeUps = true, inTransaction = false, mixed = false } = options;
  const types = mixed ? ['bench', 'bench-b', 'bench-c'] : ['bench'];
  const names = mixed ? Array.from({ length: 100 }, (_, n) => `bench-${n}`) : [organization];
  const jobsFor = (onJob: (payload: Payload) => void) =>
    types.map((type) => defineJob({ type, input: anything, run: onJob }));

  return {
    async prepare() {
      const pool = pools(databaseUrl, 1);
      await migrate(pool, schema);
      await pool.query(`truncate job_live, job_history, attempt, idempotency, turn, charge, slot,
        concurrency_limit, stats_minute, queue_depth_minute, job_duration, follower, organizations cascade`);
      await pool.query('insert into organizations (name) select unnest($1::text[])', [names]);
      if (mixed) {
        const { rows } = await pool.query<{ id: string }>(
          'select id from organizations order by name limit 50',
        );
        for (const { id } of rows) await setLimit(pool, tenantScope(id), 100);
      }
      await pool.query('vacuum analyze');
      await pool.end();
    },

    async produce() {
      const ravens = names.map((name) => new Raven({ databaseUrl, schema, organization: name, wakeUps }));
      const jobs = jobsFor(() => {});
      const raven = ravens[0] as Raven;
      const own = inTransaction ? pools(databaseUrl, 10) : undefined;
      const jobOf = (n: number) => jobs[n % jobs.length] as (typeof jobs)[number];
      return {
        one: (payload) =>
          own ? inOwnTransaction(own, raven, jobOf(0), payload) : raven.enqueue(jobOf(0), payload),
        many: (payloads) =>
          Promise.all(
            ravens.map((each, which) => {
              const share = payloads.filter((_, n) => n % ravens.length === which);
              return each.enqueueMany(share.map((payload) => [jobOf(Math.floor(payload.n / 100)), payload]));
            }),
          ),
        async close() {
          await Promise.all(ravens.map((each) => each.close()));
          await own?.end();
        },
      };
    },

    async work(onJob) {
      const pool = pools(databaseUrl, 4);
      const scheduler = createScheduler({
        pool,
        directUrl: databaseUrl,
        schema,
        workerId: `bench-${process.pid}`,
        termMs: 5_000,
        retentionDays: 30,
        wakeUps: noWakeUps,
        log: silentLogger,
      });
      const worker = createWorker({ databaseUrl, schema, jobs: jobsFor(onJob), log: silentLogger });
      scheduler.start();
      await worker.start();
      return {
        async stop() {
          await worker.stop();
          await scheduler.stop();
          await pool.end();
        },
      };
    },
  };
}

const anything = {
  '~standard': {
    version: 1 as const,
    vendor: 'bench',
    validate: (value: unknown) => ({ value: value as Payload }),
  },
};

export const pools = (url: string, max: number): Pool =>
  connect({ url, schema, max, applicationName: 'bench', log: silentLogger });

async function inOwnTransaction(
  pool: Pool,
  raven: Raven,
  job: Parameters<Raven['enqueue']>[0],
  payload: Payload,
): Promise<void> {
  const client = await pool.connect();
  await client.query('begin');
  await raven.tx(client).enqueue(job, payload as never);
  await client.query('commit');
  client.release();
}

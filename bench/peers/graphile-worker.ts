/** graphile-worker with its fastest documented settings: a local queue and batched completions for backlogs. */
import type { Contestant, Payload, Place, Tuning } from '../contestant.ts';
import { clientsOf, makePool, peerModule } from './module.ts';

interface Utils {
  migrate(): Promise<void>;
  release(): Promise<void>;
  addJob(identifier: string, payload: object, spec?: object): Promise<unknown>;
  addJobs(jobs: { identifier: string; payload: object; priority?: number }[]): Promise<unknown>;
}

interface Module {
  makeWorkerUtils(options: object): Promise<Utils>;
  run(options: object): Promise<{ stop(): Promise<void> }>;
  Logger: new (factory: () => () => void) => object;
}

const task = 'bench';
const batched = {
  concurrentJobs: 24,
  localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
  completeJobBatchDelay: 0,
};
const workerOptions: Record<Tuning, object> = {
  backlog: batched,
  latency: { concurrentJobs: 24 },
  stream: batched,
};

export async function graphileWorker({ databaseUrl }: Place): Promise<Contestant> {
  const { makeWorkerUtils, run, Logger } = (await peerModule('graphile-worker')) as Module;
  const logger = new Logger(() => () => {});
  // Smaller numbers go first.
  const priority = ({ level }: Payload) => (level === undefined ? {} : { priority: -level });

  return {
    async prepare() {
      const pgPool = await makePool(databaseUrl);
      await pgPool.query('drop schema if exists graphile_worker cascade');
      const utils = await makeWorkerUtils({ pgPool, logger });
      await utils.migrate();
      await utils.release();
      await pgPool.query('vacuum analyze');
      await pgPool.end();
    },
    async isEmpty(pool) {
      const { rows } = await pool.query(
        'select not exists (select from graphile_worker._private_jobs) as empty',
      );
      return rows[0]?.empty;
    },
    async produce() {
      const pgPool = await makePool(databaseUrl);
      const utils = await makeWorkerUtils({ pgPool, logger });
      const clients = clientsOf(databaseUrl);
      return {
        one: (payload) => utils.addJob(task, payload, priority(payload)),
        many: (payloads) =>
          utils.addJobs(payloads.map((payload) => ({ identifier: task, payload, ...priority(payload) }))),
        inTransaction: (payload) =>
          clients.transaction((client) =>
            client.query('select graphile_worker.add_job($1, $2::json)', [task, JSON.stringify(payload)]),
          ),
        async close() {
          await utils.release();
          await clients.end();
          await pgPool.end();
        },
      };
    },
    async work(onJob, tuning) {
      const pgPool = await makePool(databaseUrl);
      const runner = await run({
        pgPool,
        logger,
        noHandleSignals: true,
        taskList: { [task]: (payload: Payload) => onJob(payload) },
        preset: { worker: workerOptions[tuning] },
      });
      return {
        async stop() {
          await runner.stop();
          await pgPool.end();
        },
      };
    },
  };
}

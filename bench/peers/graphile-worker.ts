/** graphile-worker with its fastest documented settings: a local queue and batched completions for backlogs. */
import type { Contestant, Payload, Place, Tuning } from '../contestant.ts';
import { peerModule } from './module.ts';

interface Utils {
  migrate(): Promise<void>;
  release(): Promise<void>;
  addJob(identifier: string, payload: object): Promise<unknown>;
  addJobs(jobs: { identifier: string; payload: object }[]): Promise<unknown>;
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
  const pool = async () => {
    const { Pool } = ((await peerModule('pg')) as { default: { Pool: new (options: object) => Ending } })
      .default;
    const made = new Pool({ connectionString: databaseUrl, max: 10 });
    made.on('error', () => {});
    return made;
  };

  return {
    async prepare() {
      const pgPool = await pool();
      await pgPool.query('drop schema if exists graphile_worker cascade');
      const utils = await makeWorkerUtils({ pgPool, logger });
      await utils.migrate();
      await utils.release();
      await pgPool.query('vacuum analyze');
      await pgPool.end();
    },
    async produce() {
      const pgPool = await pool();
      const utils = await makeWorkerUtils({ pgPool, logger });
      return {
        one: (payload) => utils.addJob(task, payload),
        many: (payloads) => utils.addJobs(payloads.map((payload) => ({ identifier: task, payload }))),
        async close() {
          await utils.release();
          await pgPool.end();
        },
      };
    },
    async work(onJob, tuning) {
      const pgPool = await pool();
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

interface Ending {
  query(text: string): Promise<unknown>;
  on(event: 'error', listener: () => void): void;
  end(): Promise<void>;
}

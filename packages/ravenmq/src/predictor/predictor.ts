/** The predictor role: learns while the system runs and answers /predict. Any number of them may run. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Pool } from '../db/connect.ts';
import type { Logger } from '../log.ts';
import { createService } from '../service.ts';
import { batch, learnFromLogs, type Remembered } from './learn.ts';
import { refitInThread } from './refit-thread.ts';
import { publishPriors } from './series.ts';
import { createPredictorServer } from './server.ts';
import { createTraining } from './training.ts';

export interface Predictor {
  start(): Promise<{ port: number }>;
  stop(): Promise<void>;
}

export function createPredictor({
  pool,
  config,
  log,
}: {
  pool: Pool;
  config: Config;
  log: Logger;
}): Predictor {
  const server = createPredictorServer(pool, log);
  const remembered: Remembered = { predictorId: randomUUID() };
  const learning = createService(
    {
      name: 'learn',
      everyMs: 200,
      run: async () => ((await learnFromLogs(pool, remembered)) >= batch ? 'again' : undefined),
    },
    log,
  );
  const training = createService(
    { name: 'train', everyMs: 1_000, run: createTraining(pool, remembered, refitInThread) },
    log,
  );
  return {
    async start() {
      await publishPriors(pool);
      await server.listen({ host: config.host, port: config.predictorPort });
      learning.start();
      training.start();
      return { port: (server.server.address() as { port: number }).port };
    },
    async stop() {
      await server.close();
      await Promise.all([learning.stop(), training.stop()]);
    },
  };
}

/** The predictor role: learns while the system runs and answers /predict. Any number of them may run. */
import type { Config } from '../config.ts';
import type { Pool } from '../db/connect.ts';
import type { Logger } from '../log.ts';
import { createService } from '../service.ts';
import { batch, learnFromLogs } from './learn.ts';
import { publishPriors } from './series.ts';
import { createPredictorServer } from './server.ts';

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
  const learning = createService(
    {
      name: 'learn',
      everyMs: 200,
      run: async () => ((await learnFromLogs(pool)) >= batch ? 'again' : undefined),
    },
    log,
  );
  return {
    async start() {
      await publishPriors(pool);
      await server.listen({ host: config.host, port: config.predictorPort });
      learning.start();
      return { port: (server.server.address() as { port: number }).port };
    },
    async stop() {
      await server.close();
      await learning.stop();
    },
  };
}

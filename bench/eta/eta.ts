/**
 * How true the times are that waiting jobs are told: a mixed run on 8 slots with the predictor learning beside it, ten
 * minutes at scale 1. Told counts the jobs that waited long enough to be told something before half of it was over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../packages/ravenmq/src/config.ts';
import { migrate } from '../../packages/ravenmq/src/db/migrate.ts';
import { createWakeUps, wakeUpChannel } from '../../packages/ravenmq/src/db/wake-ups.ts';
import { createWorker, defineJob } from '../../packages/ravenmq/src/index.ts';
import { silentLogger } from '../../packages/ravenmq/src/log.ts';
import { createPredictor } from '../../packages/ravenmq/src/predictor/predictor.ts';
import { type Line, linesOf } from '../line.ts';
import { noneLeft, pools } from '../ours/database.ts';
import { anything, startScheduler } from '../ours/direct.ts';
import type { Stage } from '../stage.ts';
import { submitLoad, type } from './load.ts';
import { calibration, watchPlans } from './watch.ts';

const schema = 'bench_eta';
const slots = 8;

export async function eta(stage: Stage, scale: number): Promise<Line[]> {
  const url = stage.databaseUrl;
  const pool = pools(url, 6, schema);
  await pool.query(`drop schema if exists ${schema} cascade`);
  await migrate(pool, schema);
  const config = { ...readConfig({}), databaseUrl: url, schema, predictorPort: 0 };
  const predictor = createPredictor({ pool, config, log: silentLogger });
  await predictor.start();
  const scheduler = await startScheduler(url, schema);
  const run = ({ ms }: { ms: number }) => sleep(ms);
  const worker = createWorker({
    ...{ databaseUrl: url, schema, slots, log: silentLogger },
    jobs: [defineJob({ type, input: anything<{ ms: number }>(), run })],
  });
  await worker.start();
  const wakeUps = createWakeUps(pool, wakeUpChannel(schema), silentLogger);
  const watch = watchPlans(pool);

  await submitLoad(pool, wakeUps, slots, Math.max(8, 600 * scale));
  while (!(await noneLeft(pool, 'job_live'))) await sleep(100);
  const figures = await calibration(pool, await watch.stop());

  await worker.stop();
  await scheduler.stop();
  await predictor.stop();
  await wakeUps.stop();
  await pool.query(`drop schema ${schema} cascade`);
  await pool.end();
  if (figures.told === 0) throw new Error('No job waited long enough to be told anything.');
  console.error(`eta: ${JSON.stringify(figures)}`);
  return linesOf(stage, 'eta', scale, new Map([['ravenmq', [figures]]]));
}

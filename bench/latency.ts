/** Idle pickup: 300 jobs, one every 50 ms, from the call that submits to the start of the handler, in milliseconds. */

import { noWakeUps } from '../packages/ravenmq/src/db/wake-ups.ts';
import { createWorker, defineJob, Raven } from '../packages/ravenmq/src/index.ts';
import { silentLogger } from '../packages/ravenmq/src/log.ts';
import { createScheduler } from '../packages/ravenmq/src/scheduler/scheduler.ts';
import { openDatabase, quantile, report, round } from './setup.ts';

const jobs = 300;
const everyMs = 50;
/** First calls that pay for connections and plans; not counted. */
const warmUps = 20;

const db = await openDatabase();
await db.pool.query(`insert into organizations (name) values ('bench')`);
const started = new Map<number, (at: number) => void>();
const job = defineJob({
  type: 'bench',
  input: {
    '~standard': {
      version: 1,
      vendor: 'bench',
      validate: (value: unknown) => ({ value: value as { n: number } }),
    },
  },
  run: ({ n }) => started.get(n)?.(performance.now()),
});
const scheduler = createScheduler({
  pool: db.pool,
  directUrl: db.url,
  schema: db.schema,
  workerId: 'bench',
  termMs: 5_000,
  retentionDays: 30,
  wakeUps: noWakeUps,
  log: silentLogger,
});
const worker = createWorker({
  databaseUrl: db.url,
  schema: db.schema,
  jobs: [job],
  slots: 10,
  log: silentLogger,
});
const raven = new Raven({ databaseUrl: db.url, schema: db.schema, organization: 'bench' });
scheduler.start();
await worker.start();

const pickups: number[] = [];
const acknowledgements: number[] = [];
for (let n = 0; n < jobs + warmUps; n++) {
  await new Promise((resolve) => setTimeout(resolve, everyMs));
  const start = new Promise<number>((resolve) => started.set(n, resolve));
  const called = performance.now();
  const acknowledged = raven.enqueue(job, { n }).then(() => performance.now());
  const [startAt, acknowledgedAt] = await Promise.all([start, acknowledged]);
  if (n < warmUps) continue;
  pickups.push(startAt - called);
  acknowledgements.push(acknowledgedAt - called);
}

await report(db.pool, 'latency', {
  jobs,
  pickup_p50_ms: round(quantile(pickups, 0.5)),
  pickup_p95_ms: round(quantile(pickups, 0.95)),
  pickup_p99_ms: round(quantile(pickups, 0.99)),
  pickup_max_ms: round(Math.max(...pickups)),
  acknowledged_p50_ms: round(quantile(acknowledgements, 0.5)),
});
await raven.close();
await worker.stop();
await scheduler.stop();
await db.close();

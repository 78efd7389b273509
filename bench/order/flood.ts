/**
 * What one organization feels of another's flood, and whether weights are kept: a worker of 20 slots, handlers that
 * sleep. First organization B submits a short job every second alone, then beside 100,000 jobs of organization A, from
 * 5 to 200 ms long; then ten organizations with weights 1 to 4 share the slots for two minutes.
 */

import type { Pool } from '../../packages/ravenmq/src/db/connect.ts';
import { migrate } from '../../packages/ravenmq/src/db/migrate.ts';
import { noWakeUps } from '../../packages/ravenmq/src/db/wake-ups.ts';
import { createWorker, defineJob } from '../../packages/ravenmq/src/index.ts';
import { newJobDefaults } from '../../packages/ravenmq/src/jobs/new-job.ts';
import { changeShare } from '../../packages/ravenmq/src/jobs/shares.ts';
import { createIdSubmitter } from '../../packages/ravenmq/src/jobs/submit.ts';
import { silentLogger } from '../../packages/ravenmq/src/log.ts';
import { type Line, linesOf } from '../line.ts';
import { emptyTables, pools, schema } from '../ours/database.ts';
import { startScheduler } from '../ours/direct.ts';
import { quantile } from '../spread.ts';
import type { Stage } from '../stage.ts';

const slots = 20;
const lengths = [5, 10, 20, 50, 100, 200];
const weights = [1, 1, 1, 1, 2, 2, 2, 4, 4, 4];

interface Sleep {
  ms: number;
  org: number;
  at: number;
}

const orgId = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function flood(stage: Stage, scale: number): Promise<Line[]> {
  const pool = pools(stage.databaseUrl, 4);
  await migrate(pool, schema);
  const alone = await quietWaits(stage, pool, 0, 60 * scale);
  const flooded = await quietWaits(stage, pool, Math.max(2_000, 100_000 * scale), 60 * scale);
  const shares = await sharesOff(stage, pool, 120 * scale);
  await pool.end();
  const figures = {
    alone_p95_ms: quantile(alone, 0.95),
    flooded_p95_ms: quantile(flooded, 0.95),
    flooded_max_ms: Math.max(...flooded),
    longest_job_ms: Math.max(...lengths),
    worst_share_off_pct: 100 * shares,
  };
  return linesOf(stage, 'flood', scale, new Map([['ravenmq', [figures]]]));
}

/** Waits of organization B's jobs in milliseconds, from the call that submits to the handler, smallest first. */
async function quietWaits(stage: Stage, pool: Pool, others: number, seconds: number): Promise<number[]> {
  const waits: number[] = [];
  const run = await begin(stage, pool, ({ org, at }) => {
    if (org === 1) waits.push(performance.now() - at);
  });
  await run.submit(
    0,
    Array.from({ length: others }, (_, n) => lengths[n % lengths.length] as number),
  );
  await run.start();
  await pause(1_000);
  for (let sent = 0; sent < Math.max(5, seconds); sent++) {
    await run.submit(1, [5]);
    await pause(1_000);
  }
  while (waits.length < Math.max(5, seconds)) await pause(20);
  await run.stop();
  return waits.sort((a, b) => a - b);
}

/** How far the share of an organization of the slots' time is from its weight at most, as a part of its weight. */
async function sharesOff(stage: Stage, pool: Pool, seconds: number): Promise<number> {
  const given = weights.map(() => 0);
  const run = await begin(stage, pool, ({ org, ms }) => {
    given[org] = (given[org] as number) + ms;
  });
  const each = Math.max(300, Math.ceil((seconds * slots * 1_000 * 4) / (22 * 60)) * 1.5);
  for (const [n, weight] of weights.entries()) {
    await changeShare(pool, orgId(n), { weight });
    // Every organization has another mix, so that equal numbers of jobs are no equal shares.
    const own = lengths.slice(n % 3);
    await run.submit(
      n,
      Array.from({ length: each }, (_, k) => own[k % own.length] as number),
    );
  }
  await run.start();
  await pause(Math.max(5, seconds) * 1_000);
  await run.stop();
  const all = given.reduce((sum, ms) => sum + ms, 0);
  const weight = weights.reduce((sum, one) => sum + one, 0);
  return Math.max(...given.map((ms, n) => Math.abs((ms / all / (weights[n] as number)) * weight - 1)));
}

/** Empty tables, estimates as after many runs, a submitter, a leader and a worker that is started later. */
async function begin(stage: Stage, pool: Pool, onJob: (payload: Sleep) => void) {
  await pool.query(`${emptyTables}; truncate share, queue_backlog`);
  await pool.query(`delete from estimate where name = '' and type like 'sleep-%'`);
  await pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     select ('00000000-0000-4000-8000-' || lpad(to_hex(org), 12, '0'))::uuid, 'sleep-' || ms, '', ms, ms, ms, 100
     from generate_series(0, 20) org, unnest($1::int[]) ms`,
    [lengths],
  );
  const submitter = createIdSubmitter({ pool, wakeUps: noWakeUps });
  const jobs = lengths.map((ms) =>
    defineJob({
      type: `sleep-${ms}`,
      input: anything,
      async run(payload) {
        onJob(payload);
        await pause(payload.ms);
      },
    }),
  );
  const worker = createWorker({ databaseUrl: stage.databaseUrl, schema, jobs, slots, log: silentLogger });
  const scheduler = await startScheduler(stage.databaseUrl, schema);
  return {
    submit: (org: number, sleeps: number[]) =>
      submitter.submitMany(
        sleeps.map((ms) => ({
          ...newJobDefaults,
          ...{ orgId: orgId(org), userId: null, type: `sleep-${ms}`, name: 'bench' },
          payload: { ms, org, at: performance.now() },
        })),
      ),
    start: () => worker.start(),
    async stop() {
      await worker.stop(0);
      await submitter.stop();
      await scheduler.stop();
    },
  };
}

const anything = {
  '~standard': {
    version: 1 as const,
    vendor: 'bench',
    validate: (value: unknown) => ({ value: value as Sleep }),
  },
};

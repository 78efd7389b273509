/**
 * What the claim's final shape (lanes of organizations, pause, gates, charges) costs against the plain form: one
 * index scan over one ready list. Both claim 20,000 no-op jobs in batches of 100 and do nothing else; they take turns,
 * so that the machine's moods hit both alike. Also with 100 and 10,000 organizations, which the plain form cannot
 * tell apart.
 */

import type { Pool } from '../packages/ravenmq/src/db/connect.ts';
import { noWakeUps } from '../packages/ravenmq/src/db/wake-ups.ts';
import { insertJobs } from '../packages/ravenmq/src/jobs/insert.ts';
import { newJobDefaults } from '../packages/ravenmq/src/jobs/new-job.ts';
import { type Cursor, finishAndClaim } from '../packages/ravenmq/src/jobs/turnover.ts';
import { silentLogger } from '../packages/ravenmq/src/log.ts';
import { createScheduler } from '../packages/ravenmq/src/scheduler/scheduler.ts';
import type { Figures } from './compare.ts';
import { type Line, linesOf } from './line.ts';
import { pools, schema } from './ours/database.ts';
import type { Stage } from './stage.ts';

const jobs = 20_000;
const batch = 100;

const plainText = `with picked as materialized (
  select id from job_live where status = 'queued' and gate is null
  order by rank, id limit $1 for update skip locked
)
update job_live j set status = 'running', fence = j.fence + 1, worker_id = 'plain',
  lease_expires_at = clock_timestamp() + interval '30 seconds', started_at = clock_timestamp()
from picked p where j.id = p.id
returning j.id, j.fence, j.tenant_id, j.queue, j.type, j.name, j.payload, j.rank, j.timeout_ms, j.retry_count,
  j.max_retries, j.crash_count, j.predicted_runtime_ms`;

const plainIndex = `create index plain_ready on job_live (rank, id) where status = 'queued' and gate is null`;
const fullIndex = `create index job_live_ready on job_live (queue, tenant_id, rank, id)
  where status = 'queued' and gate is null`;

async function fill(pool: Pool, organizations: number): Promise<void> {
  await pool.query('truncate job_live, turn, charge');
  const org = (n: number) => `00000000-0000-4000-8000-${(n % organizations).toString(16).padStart(12, '0')}`;
  for (let from = 0; from < jobs; from += 1_000) {
    const group = Array.from({ length: 1_000 }, (_, n) => ({
      ...newJobDefaults,
      orgId: org(from + n),
      userId: null,
      type: 'noop',
      name: 'noop',
      payload: {},
    }));
    await insertJobs(pool, group);
  }
  await pool.query('vacuum analyze job_live');
  await pool.query('analyze turn');
  await pool.query('checkpoint');
}

/** Claims everything; answers jobs per second. */
async function drain(claim: () => Promise<number>): Promise<number> {
  const began = performance.now();
  for (let claimed = 0; claimed < jobs; ) {
    const got = await claim();
    if (got === 0) throw new Error(`only ${claimed} of ${jobs} were claimed`);
    claimed += got;
  }
  return (jobs / (performance.now() - began)) * 1_000;
}

const plain = (pool: Pool) => async () =>
  (await pool.query({ name: 'plain', text: plainText, values: [batch] })).rowCount ?? 0;

/** As a worker claims: first from the foremost lanes, evenly; when those are exhausted, from all. */
function full(pool: Pool) {
  const cursors = new Map<string, Cursor>();
  const claim = (count: number, spread: boolean) =>
    finishAndClaim(pool, [], {
      workerId: 'bench',
      leaseMs: 30_000,
      count,
      freeSlots: count,
      budgetMs: null,
      means: new Map(),
      underMs: null,
      queues: null,
      types: null,
      lanes: spread ? 64 : 1_000_000,
      spread,
      cursors: [...cursors.values()],
    });
  return async () => {
    const { claimed, lanes } = await claim(batch, true);
    if (claimed.length < batch && lanes > 1) {
      cursors.clear();
      claimed.push(...(await claim(batch - claimed.length, false)).claimed);
    }
    for (const { queue, tenant_id: tenantId, rank, id } of claimed)
      cursors.set(tenantId, { queue, tenantId, rank, id });
    return claimed.length;
  };
}

export async function claimForm(stage: Stage, rounds: number): Promise<Line[]> {
  await stage.prepare('ravenmq', 'backlog');
  const pool = pools(stage.databaseUrl, 10);
  // The leader tends the lanes meanwhile, as it does in service.
  const scheduler = createScheduler({
    pool,
    directUrl: stage.databaseUrl,
    schema,
    workerId: 'bench',
    termMs: 5_000,
    retentionDays: 30,
    wakeUps: noWakeUps,
    log: silentLogger,
  });
  scheduler.start();
  const speeds = new Map<string, Figures[]>([
    ['ravenmq', []],
    ['ravenmq-100', []],
    ['ravenmq-10000', []],
    ['plain', []],
  ]);
  const note = (form: string, speed: number) => speeds.get(form)?.push({ jobs_per_s: Math.round(speed) });
  for (let n = 0; n < rounds; n++) {
    // The plain form's own index; dropped while the full form runs, so that neither pays for the other's.
    await pool.query('drop index job_live_ready');
    await pool.query(plainIndex);
    await fill(pool, 1);
    note('plain', await drain(plain(pool)));
    await pool.query('drop index plain_ready');
    await pool.query(fullIndex);
    for (const [form, organizations] of [
      ['ravenmq', 1],
      ['ravenmq-100', 100],
      ['ravenmq-10000', 10_000],
    ] as const) {
      await fill(pool, organizations);
      note(form, await drain(full(pool)));
    }
  }
  await scheduler.stop();
  await pool.end();
  return linesOf(stage, 'claim-form', 1, speeds);
}

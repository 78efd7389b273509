/** Every reason of the list is caused here, and told as the one that holds. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../test/fixtures.ts';
import { acme, claim, leadership, submitted } from '../../test/jobs.ts';
import { aliveWorker, explained, planned } from '../../test/planned.ts';
import { keyScope, openGates, queueScope, setLimit, tenantScope } from '../jobs/limits.ts';
import type { NewJob } from '../jobs/new-job.ts';
import { pauseQueue } from '../jobs/queues.ts';
import { retryAttempts } from '../jobs/settle.ts';
import { reasonCodes, reasonOf } from './reasons.ts';

let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db?.drop());
beforeEach(() =>
  db.pool.query(
    'truncate job_live, turn, queue, charge, slot, concurrency_limit, queue_plan, worker_registry',
  ),
);

interface Cause {
  job?: Partial<NewJob>;
  /** Before the job is submitted. */
  before?(db: TestDatabase): Promise<unknown>;
  /** After it; before the plan is made. */
  after?(db: TestDatabase, id: string): Promise<unknown>;
  says: RegExp;
}

const limit = (scope: string) => (db: TestDatabase) => setLimit(db.pool, scope, 1);
/** One job has the only place of a limit. */
const full = (scope: string, job: Partial<NewJob> = {}) => ({
  job,
  before: async (db: TestDatabase) => {
    await limit(scope)(db);
    await submitted(db.pool, job);
    await openGates(db.pool);
    await claim(db.pool);
  },
});

const causes: Record<string, Cause> = {
  WAITING_FOR_WORKER: {
    before: async (db) => {
      await submitted(db.pool, {});
      await claim(db.pool);
    },
    says: /^Position 1 of 1\. Expected to start (in .+|at any moment)( \(90 %: within .+\))?\. It is next/,
  },
  LOWER_SCORE: {
    before: (db) => submitted(db.pool, { name: 'first' }),
    says: /^Position 2 of 2\. .* “first” goes first: its start-by time is .+ earlier\./,
  },
  NO_MATCHING_WORKER: {
    job: { type: 'unheard-of' },
    says: /It will not start as things are\. No living worker runs jobs of type unheard-of in queue default\./,
  },
  QUEUE_PAUSED: {
    after: (db) => pauseQueue(db.pool, 'default', true),
    says: /The queue default is paused\./,
  },
  TENANT_PAUSED: {
    after: (db) => db.pool.query('update turn set paused = true'),
    says: /The organization is paused\./,
  },
  QUEUE_CONCURRENCY: {
    ...full(queueScope('default')),
    says: /Held back by: queue default is at its limit of 1 running/,
  },
  TENANT_CONCURRENCY: {
    ...full(tenantScope(acme)),
    says: /Held back by: the organization is at its limit of 1 running/,
  },
  KEY_CONCURRENCY: {
    ...full(keyScope(acme, 'k'), { concurrencyKey: 'k' }),
    says: /Held back by: the concurrency key k is at its limit of 1 running/,
  },
  SCHEDULED_FOR: {
    job: { runAt: new Date(Date.now() + 3_600_000).toISOString() },
    says: /^It is to run at .+, in (1 h|59 min)/,
  },
  RETRY_BACKOFF: {
    after: async (db) => {
      const [job] = await claim(db.pool);
      const attempt = {
        outcome: 'failed' as const,
        startedAt: new Date().toISOString(),
        runtimeMs: 1,
        errorMsg: 'x',
      };
      await retryAttempts(db.pool, 'worker-1', [
        { id: job?.id as string, fence: job?.fence as number, ...attempt, delayMs: 30_000 },
      ]);
    },
    says: /^Attempt 1 failed; the next begins in (30|29) s\./,
  },
  SCHEDULER_NOT_RUNNING: {
    job: { runAt: new Date(Date.now() + 60_000).toISOString() },
    after: async (db, id) => {
      await db.pool.query(`update job_live set run_at = now() - interval '1 second' where id = $1`, [id]);
      await db.pool.query('update scheduler_leader set expires_at = now()');
    },
    says: /^Its time has come, but no scheduler leads: start one\./,
  },
};

for (const [code, { job = {}, before, after, says }] of Object.entries(causes)) {
  test(`${code} is told to whom it happens`, async () => {
    const guard = await leadership(db.pool);
    await aliveWorker(db.pool, { types: ['noop'] });
    await before?.(db);
    const [waiting] = await submitted(db.pool, job);
    const id = waiting?.id as string;
    await after?.(db, id);
    await planned(db.pool, guard);

    const { reason, sentence } = await explained(db, id);
    expect([reason?.code, sentence]).toEqual([code, expect.stringMatching(says)]);
    // Without a plan the tables say the same, but for who goes first.
    await db.pool.query('delete from queue_plan');
    if (code !== 'LOWER_SCORE') expect((await explained(db, id)).reason?.code).toBe(code);
  });
}

test('the causes that are not there yet have their lines, and no reason is without a cause', () => {
  const facts = {
    ...{
      scheduled: false,
      due: false,
      leaderLives: true,
      retryCount: 0,
      queuePaused: false,
      tenantPaused: false,
    },
    ...{ workerServes: true, scope: null, othersFirst: true },
  };
  expect(reasonOf({ ...facts, scope: 'r:key' })).toBe('RATE_LIMIT');
  expect(reasonOf({ ...facts, dependsOnOthers: true })).toBe('DEPENDENCY');
  expect([...Object.keys(causes), 'RATE_LIMIT', 'DEPENDENCY'].sort()).toEqual([...reasonCodes].sort());
});

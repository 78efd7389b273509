import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fill, fillHistory } from '../../test/filled.ts';
import { freshDatabase } from '../../test/fixtures.ts';
import { aClaim, aFinish, aJob, leadership, submitted } from '../../test/jobs.ts';
import * as plans from '../../test/plans.ts';
import type { Client, Queryable } from '../db/connect.ts';
import { listLongRuns, listRiskyDeadlines } from '../plan/alarms.ts';
import { readArrivals } from '../plan/arrivals.ts';
import { readStanding } from '../plan/facts.ts';
import { readPicture } from '../plan/read-state.ts';
import { rollUpAttempts } from '../scheduler/rollup.ts';
import type { Guard } from '../workers/leader.ts';
import { cancelJob } from './cancel.ts';
import { newJobId } from './id.ts';
import { insertJobs } from './insert.ts';
import { openGates } from './limits.ts';
import { getJob, type JobFilter, listJobs } from './list.ts';
import { bringForwardOverdue } from './overdue.ts';
import { promoteDueJobs } from './promote.ts';
import { reclaimExpired } from './reclaim.ts';
import { renewLeases } from './renew.ts';
import { retryJob } from './retry-by-hand.ts';
import { recordedAttempts, releaseJobs, releaseUnknown, retryAttempts } from './settle.ts';
import { finishAndClaim, turnoverText, turnoverValues } from './turnover.ts';
import { foldCharges, tendLanes } from './turns.ts';

let db: Awaited<ReturnType<typeof freshDatabase>>;
let guard: Guard;
beforeAll(async () => {
  db = await freshDatabase();
  guard = await leadership(db.pool);
});
afterAll(() => db?.drop());

/** Runs in a transaction that is undone; for `tenants` as the API does, under row level security. */
async function undone<T>(work: (client: Client) => Promise<T>, tenants?: string[]): Promise<T> {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    if (tenants) {
      await client.query(`set local role ${db.schema}_api`);
      await client.query(`set local ravenmq.tenants = '${tenants[0] === '*' ? '*' : `{${tenants}}`}'`);
    }
    return await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const someId = '01900000-0000-7000-8000-000000000000';
const held = { id: someId, fence: 1 };
/** Tenants with next to nothing among all the rest. */
const small = '00000000-0000-4000-8000-00000000cccc';
const initech = '00000000-0000-4000-8000-00000000dddd';
const filter: JobFilter = { tenants: [small], limit: 50 };

interface Hot {
  run(db: Queryable): Promise<unknown>;
  /** Indexes of job_live that the plan uses, all of them. */
  live?: string[];
  /** Walks an index in order, with nothing to look up, and ends at its limit. */
  endsAtLimit?: boolean;
  /** Run in the scope of these tenants, and sent without a name, so that it is planned for its values each time. */
  scope?: string[];
}

const primary = ['job_live_pkey'];
const hot: Record<string, Hot> = {
  turnover: {
    run: (to) => finishAndClaim(to, [aFinish(held)], aClaim({ count: 100 })),
    live: ['job_live_pkey', 'job_live_ready'],
  },
  submit: { run: (to) => insertJobs(to, [aJob(), aJob({ idempotencyKey: 'k' })]) },
  renew: { run: (to) => renewLeases(to, 30_000, [{ ...held, startedAt: null }]), live: primary },
  retry: {
    run: (to) =>
      retryAttempts(to, 'w', [
        {
          ...held,
          outcome: 'failed',
          startedAt: new Date().toISOString(),
          runtimeMs: 1,
          errorMsg: '',
          delayMs: 1,
        },
      ]),
    live: primary,
  },
  release: { run: (to) => releaseJobs(to, [held]), live: primary },
  'release of unknown claims': { run: (to) => releaseUnknown(to, 'someone', []), live: ['job_live_running'] },
  'recorded attempts': { run: (to) => recordedAttempts(to, [held]) },
  reclaim: { run: (to) => reclaimExpired(to, guard, 1_000), live: ['job_live_pkey', 'job_live_running'] },
  promote: { run: (to) => promoteDueJobs(to, guard, 1_000), live: ['job_live_due', 'job_live_pkey'] },
  gates: { run: (to) => openGates(to, guard) },
  'fold of charges': { run: (to) => foldCharges(to, guard) },
  overdue: { run: (to) => bringForwardOverdue(to, guard, 100) },
  lanes: { run: (to) => tendLanes(to, guard), live: ['job_live_ready'] },
  'roll up': { run: (to) => rollUpAttempts(to, guard) },
  'picture for the plan': {
    run: (to) => readPicture(to, { work: [], arrivals: [] }),
    live: ['job_live_gated', 'job_live_ready', 'job_live_running'],
  },
  'arrivals for the plan': { run: (to) => readArrivals(to) },
  'long runs': { run: (to) => listLongRuns(to, null), live: ['job_live_running'] },
  'risky deadlines': { run: (to) => listRiskyDeadlines(to, null), live: primary },
  'standing of a job': { run: (to) => readStanding(to, someId), live: primary },
  cancel: { run: (to) => cancelJob(to, someId), live: primary },
  'retry by hand': { run: (to) => retryJob(to, someId), live: primary },
  'one job': { run: (to) => getJob(to, someId), live: primary },
  'list of a tenant': {
    run: (to) => listJobs(to, { ...filter, tenants: [small, initech] }),
    live: ['job_live_tenant'],
    scope: [small, initech],
  },
  'next page of a tenant': {
    run: (to) => listJobs(to, { ...filter, before: 'ffffffff-ffff-7000-8000-000000000000' }),
    live: ['job_live_tenant'],
    scope: [small],
  },
  'list of all': { run: (to) => listJobs(to, { tenants: null, limit: 50 }), endsAtLimit: true, scope: ['*'] },
};

const large = /^(job_live|job_history|attempt)/;

/** Parts of the plan that read a large table from end to end. */
function wholeReads(plan: plans.PlanNode[], endsAtLimit: boolean): string[] {
  return plan
    .filter((node) => large.test(node['Relation Name'] ?? node['Index Name'] ?? ''))
    .filter((node) => {
      if (node['Node Type'] === 'Seq Scan') return true;
      const isIndex = node['Index Name'] !== undefined;
      // The other indexes hold a part of the table: walking one is what it is for.
      const whole = /(pkey|_tenant|_xid)/.test(node['Index Name'] ?? '');
      return isIndex && whole && node['Index Cond'] === undefined && !endsAtLimit;
    })
    .map((node) => `${node['Node Type']} of ${node['Index Name'] ?? node['Relation Name']}`);
}

/** Every statement of the operation, planned in every way it is run. */
async function check({ run, live, endsAtLimit = false, scope }: Hot): Promise<void> {
  const statements: plans.Statement[] = [];
  const readInWhole = await undone(
    (client) => plans.tablesReadInWhole(client, db.schema, () => run(plans.recording(client, statements))),
    scope,
  );
  expect(readInWhole.filter((table) => large.test(table))).toEqual([]);

  const ways: Record<string, (client: Client, statement: plans.Statement) => Promise<plans.PlanNode[]>> = {
    'planned for its values': plans.customPlan,
    ...(!scope && {
      'planned for any values': plans.genericPlan,
      'after ten runs': (client, statement) => plans.preparedPlan(client, statement, 10),
    }),
  };
  for (const [way, planOf] of Object.entries(ways)) {
    const used: string[] = [];
    for (const statement of statements) {
      const plan = await undone((client) => planOf(client, statement), scope);
      expect(wholeReads(plan, endsAtLimit), `${way}: ${statement.text}`).toEqual([]);
      used.push(...plans.indexesOf(plan, 'job_live_'));
    }
    if (live) expect([...new Set(used)].sort(), way).toEqual(live);
  }
}

/** A claim of a hundred touches no more than so many pages a job. */
async function checkPages(): Promise<void> {
  const values = turnoverValues([], aClaim({ count: 100, freeSlots: 100, spread: false }));
  const { nodes, pages } = await undone((client) => plans.run(client, { text: turnoverText, values }));
  const taken = nodes.find((node) => node.Operation === 'Update' && node['Relation Name'] === 'job_live')?.[
    'Actual Rows'
  ];
  expect(taken).toBe(100);
  expect(pages / 100).toBeLessThan(25);
}

/** A thousand finishes are not compared with a thousand jobs each with each, planned for them or for any. */
async function checkMatching(): Promise<void> {
  const ids = Array.from({ length: 1_000 }, () => newJobId());
  const finishes = ids.map((id) => aFinish({ id, fence: 1 }));
  const statement = { text: turnoverText, values: turnoverValues(finishes, aClaim()) };
  for (const planOf of [plans.genericPlan, plans.customPlan]) {
    const plan = await undone((client) => planOf(client, statement));
    const deletion = plan.find((node) => node.Operation === 'Delete');
    expect(deletion?.Plans?.map((node) => node['Node Type'])).toEqual(['Hash Join']);
  }
}

const names = Object.keys(hot) as (keyof typeof hot)[];

describe('on an empty system', () => {
  test.for(names)('%s', (name) => check(hot[name] as Hot));
});

describe('with a thousand jobs', () => {
  beforeAll(() => fill(db.pool, 1_000));
  test.for(names)('%s', (name) => check(hot[name] as Hot));
  test('pages of a claim', checkPages);

  test('finishes are matched with their jobs by hash', checkMatching);

  const methods = [
    'hashjoin',
    'mergejoin',
    'nestloop',
    'hashagg',
    'sort',
    'material',
    'memoize',
    'indexscan',
  ];
  test.for([
    ...methods.map((method) => [method]),
    methods,
    [...methods, 'bitmapscan', 'indexonlyscan', 'tidscan'],
  ])('a claim takes what it asked for without %j', (without) =>
    undone(async (client) => {
      for (const method of without) await client.query(`set local enable_${method} = off`);
      const { claimed } = await finishAndClaim(client, [], aClaim({ count: 7, freeSlots: 7 }));
      expect(claimed).toHaveLength(7);
      const { rows } = await client.query(
        `select count(*)::int as n from job_live where worker_id = 'worker-1'`,
      );
      expect(rows[0]?.n).toBe(7);
    }),
  );
});

describe('with a million jobs and a long history', () => {
  beforeAll(async () => {
    await fill(db.pool, 999_000);
    await submitted(db.pool, { orgId: small });
    await fillHistory(db.pool, 100_000);
  }, 180_000);

  describe('before statistics are taken', () => {
    test.for(names)('%s', (name) => check(hot[name] as Hot));
  });
  describe('with statistics', () => {
    beforeAll(async () => void (await db.pool.query('analyze')), 180_000);
    test.for(names)('%s', (name) => check(hot[name] as Hot));
    test('pages of a claim', checkPages);
    test('finishes are matched with their jobs by hash', checkMatching);
  });
});

describe('after a bulk delete', () => {
  beforeAll(async () => {
    await db.pool.query(`delete from job_live where rank > 1700000000001000`);
    await submitted(db.pool, {}, {});
  }, 180_000);
  test.for(names)('%s', (name) => check(hot[name] as Hot));
});

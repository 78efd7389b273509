import { expect } from 'vitest';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { aClaim, submitted } from '../../test/jobs.ts';
import { turnoverText, turnoverValues } from './turnover.ts';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Operation?: string;
  Plans?: PlanNode[];
}

/** The plan that the prepared statement of a worker has for good, made now. */
async function genericPlan(db: TestDatabase): Promise<PlanNode[]> {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local plan_cache_mode = force_generic_plan');
    await client.query(`prepare turnover as ${turnoverText}`);
    const values = turnoverValues([], aClaim()).map((value) =>
      value === null
        ? 'null'
        : typeof value === 'number' || typeof value === 'boolean'
          ? value
          : `'${value}'`,
    );
    const { rows } = await client.query(`explain (format json) execute turnover(${values.join(', ')})`);
    return flatten(rows[0]['QUERY PLAN'][0].Plan);
  } finally {
    await client.query('rollback');
    await client.query('deallocate all');
    client.release();
  }
}

const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

function check(plan: PlanNode[]): void {
  const indexes = plan.map((node) => node['Index Name'] ?? '').filter((name) => name.startsWith('job_live_'));
  expect(indexes.sort()).toEqual(['job_live_pkey', 'job_live_pkey', 'job_live_ready']);
  expect(
    plan.filter((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'job_live'),
  ).toEqual([]);
  // A thousand finishes are matched with their jobs by hash, not each with each.
  const deletion = plan.find((node) => node.Operation === 'Delete');
  expect(deletion?.Plans?.map((node) => node['Node Type'])).toEqual(['Hash Join']);
}

test('the plan of the hot statement made on an empty system is the one for a full one', async ({ db }) => {
  check(await genericPlan(db));
});

test('the plan stays with many jobs, with statistics and without', async ({ db }) => {
  await submitted(db.pool, ...Array.from({ length: 2_000 }, () => ({})));
  check(await genericPlan(db));
  await db.pool.query('vacuum analyze job_live');
  check(await genericPlan(db));
  await db.pool.query(`update job_live set status = 'running', worker_id = 'w', lease_expires_at = now()`);
  await db.pool.query('analyze job_live');
  check(await genericPlan(db));
  await db.pool.query('delete from job_live');
  check(await genericPlan(db));
});

import type { Queryable } from '../db/connect.ts';
import { type JobRow, jobColumns, type Status } from './job.ts';

export interface JobFilter {
  /** Tenants whose jobs are wanted; null: every tenant's. */
  tenants: string[] | null;
  status?: Status | undefined;
  type?: string | undefined;
  queue?: string | undefined;
  name?: string | undefined;
  labels?: Record<string, string> | undefined;
  createdAfter?: string | undefined;
  createdBefore?: string | undefined;
  /** Keyset: only jobs older than this one. */
  before?: string | undefined;
  limit: number;
}

/** How far a submitter's clock may be off before time filters miss its jobs. */
const clockSlack = `interval '1 hour'`;

/** Newest first. Ids ascend with creation, so the page key and the order use one index. */
export async function listJobs(db: Queryable, filter: JobFilter): Promise<JobRow[]> {
  const newest = newestJobs(filter, jobColumns);
  if (!newest) return [];
  const { rows } = await db.query<JobRow & Record<string, unknown>>(newest.text, newest.values);
  return rows;
}

/** How many jobs the filter finds, up to its limit. */
export async function countJobs(db: Queryable, filter: JobFilter): Promise<number> {
  const newest = newestJobs(filter, 'id');
  if (!newest) return 0;
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from (${newest.text}) found`,
    newest.values,
  );
  return rows[0]?.count ?? 0;
}

function newestJobs(filter: JobFilter, columns: string): { text: string; values: unknown[] } | undefined {
  const values: unknown[] = [];
  const conditions: string[] = [];
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined || value === null) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  where((p) => `status = ${p}`, filter.status);
  where((p) => `type = ${p}`, filter.type);
  where((p) => `queue = ${p}`, filter.queue);
  where((p) => `name = ${p}`, filter.name);
  where((p) => `labels @> ${p}::jsonb`, filter.labels && JSON.stringify(filter.labels));
  // The id tells the submitter's clock, created_at the database's: the id only narrows the search.
  where(
    (p) =>
      `created_at >= ${p}::timestamptz and id >= uuid7_floor(greatest(${p}::timestamptz - ${clockSlack}, 'epoch'))`,
    filter.createdAfter,
  );
  where(
    (p) => `created_at < ${p}::timestamptz and id < uuid7_floor(${p}::timestamptz + ${clockSlack})`,
    filter.createdBefore,
  );
  where((p) => `id < ${p}::uuid`, filter.before);
  values.push(filter.limit);
  const limit = `order by id desc limit $${values.length}`;
  const newest = (of: string[]) => {
    const all = [...of, ...conditions];
    return `select ${columns} from jobs ${all.length > 0 ? `where ${all.join(' and ')}` : ''} ${limit}`;
  };
  // A branch for each tenant: the planner then knows how much each has, and follows the index of one tenant's ids.
  // For an array of tenants it walks everybody's.
  const branches = filter.tenants?.map((tenant) => {
    values.push(tenant);
    return `(${newest([`tenant_id = $${values.length}`])})`;
  });
  if (branches?.length === 0) return undefined;
  const text = branches ? `select * from (${branches.join(' union all ')}) newest ${limit}` : newest([]);
  return { text, values };
}

export async function getJob(db: Queryable, id: string): Promise<JobRow | undefined> {
  const { rows } = await db.query<JobRow & Record<string, unknown>>(
    `select ${jobColumns} from jobs where id = $1`,
    [id],
  );
  return rows[0];
}

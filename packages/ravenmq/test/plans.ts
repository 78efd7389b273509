/** What the planner makes of the statements that a piece of code sends. */
import type pg from 'pg';
import { escapeLiteral } from 'pg';
import { pgArray } from '../src/db/arrays.ts';
import type { Client, Queryable, Statement as Sent } from '../src/db/connect.ts';

export interface Statement {
  text: string;
  values: unknown[];
}

export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Operation?: string;
  Plans?: PlanNode[];
  'Actual Rows'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
}

/** Passes statements on and keeps them. */
export function recording(db: Queryable, statements: Statement[]): Queryable {
  return {
    query: <R extends pg.QueryResultRow>(given: string | Sent, values?: unknown[]) => {
      const { text, values: own } = typeof given === 'string' ? { text: given, values } : given;
      statements.push({ text, values: own ?? [] });
      return values ? db.query<R>(given, values) : db.query<R>(given);
    },
  };
}

/** The plan with these values, as a statement without a name gets it each time. */
export async function customPlan(client: Client, { text, values }: Statement): Promise<PlanNode[]> {
  const { rows } = await client.query(`explain (format json) ${text}`, values);
  return flatten(rows[0]['QUERY PLAN'][0].Plan);
}

/** The plan that a prepared statement keeps for good, made now. */
export async function genericPlan(client: Client, statement: Statement): Promise<PlanNode[]> {
  await client.query('set local plan_cache_mode = force_generic_plan');
  return preparedPlan(client, statement, 0);
}

/** The plan that a prepared statement has after it ran so often. */
export async function preparedPlan(
  client: Client,
  { text, values }: Statement,
  runs: number,
): Promise<PlanNode[]> {
  const name = `planned_${++prepared}`;
  const execute = `execute ${name}${values.length > 0 ? `(${values.map(literal).join(', ')})` : ''}`;
  await client.query(`prepare ${name} as ${text}`);
  for (let n = 0; n < runs; n++) {
    await client.query('savepoint before');
    await client.query(execute);
    await client.query('rollback to before');
  }
  const { rows } = await client.query(`explain (format json) ${execute}`);
  await client.query(`deallocate ${name}`);
  return flatten(rows[0]['QUERY PLAN'][0].Plan);
}

let prepared = 0;

/** Runs the statement; answers its plan and how many pages of 8 kB it touched. */
export async function run(
  client: Client,
  { text, values }: Statement,
): Promise<{ nodes: PlanNode[]; pages: number }> {
  const { rows } = await client.query(`explain (analyze, buffers, format json) ${text}`, values);
  const root = rows[0]['QUERY PLAN'][0].Plan as PlanNode;
  return {
    nodes: flatten(root),
    pages: (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0),
  };
}

export function indexesOf(plan: PlanNode[], prefix: string): string[] {
  const names = plan.flatMap((node) => node['Index Name'] ?? []).filter((name) => name.startsWith(prefix));
  return [...new Set(names)].sort();
}

/** Tables that `work` reads in whole, by whatever statement, also within functions. */
export async function tablesReadInWhole(
  client: Client,
  schema: string,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const scans = async () => {
    const { rows } = await client.query<{ relname: string; seq_scan: number }>(
      'select relname, seq_scan from pg_stat_xact_user_tables where schemaname = $1',
      [schema],
    );
    return new Map(rows.map((row) => [row.relname, row.seq_scan]));
  };
  const before = await scans();
  await work();
  return [...(await scans())].filter(([table, n]) => n > (before.get(table) ?? 0)).map(([table]) => table);
}

const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return escapeLiteral(pgArray(value));
  return escapeLiteral(String(value));
}

/** How jobs come at present: at which pace, and what came together. */
import type { Queryable } from '../db/connect.ts';
import type { Arrival, Arrivals } from './state.ts';

const windowMs = 300_000;
/** Parts of the window. The fullest is left out: a batch that came once will not come again. */
const parts = 10;
/** Latest jobs that are looked at. */
const sample = 800;
/** Jobs of one series that came within this time came together, in milliseconds. */
const togetherMs = 50;

export interface ArrivalRow {
  queue: string;
  tenant_id: string;
  type: string;
  p50_ms: number;
  p90_ms: number;
  /** Microseconds from when it was ready to its rank. */
  rank_ahead: number;
  scopes: string[] | null;
  /** Milliseconds ago. */
  age_ms: number;
}

/** The last jobs that came ready, also those that have ended by now. */
export async function readArrivals(db: Queryable): Promise<ArrivalRow[]> {
  const latest = (
    table: string,
  ) => `(select queue, tenant_id, type, predicted_runtime_ms, predicted_p90_ms, rank,
      ready_at, concurrency_key, created_at from ${table}
    where id >= uuid7_floor(now() - interval '${windowMs} milliseconds') and run_at is null
    order by id desc limit $1)`;
  const { rows } = await db.query<ArrivalRow & Record<string, unknown>>({
    name: 'plan_arrivals',
    text: `select queue, tenant_id, type, predicted_runtime_ms as p50_ms, predicted_p90_ms as p90_ms,
        rank - extract(epoch from ready_at)::float8 * 1e6 as rank_ahead,
        case when exists (select from concurrency_limit) then limited_scopes(queue, tenant_id, concurrency_key) end as scopes,
        extract(epoch from clock_timestamp() - created_at)::float8 * 1e3 as age_ms
      from (select * from (${latest('job_live')} union all ${latest('job_history')}) live_and_past order by created_at desc limit $1) latest
      where created_at > now() - interval '${windowMs} milliseconds'`,
    values: [sample],
  });
  return rows;
}

interface Numbers {
  lane(row: { queue: string; tenant_id: string }): number;
  type(name: string): number;
  scopes(scopes: string[] | null): number[];
}

export function arrivalsOf(rows: ArrivalRow[], numbers: Numbers): Arrivals {
  const ages = rows.map((row) => row.age_ms);
  // A full sample may reach less far back than the window, and a young system has not been there for all of it.
  const spanMs = Math.max(1_000, Math.min(windowMs, Math.max(0, ...ages)));
  const partOf = ({ age_ms }: ArrivalRow) =>
    Math.min(parts - 1, Math.floor((parts * Math.max(0, age_ms)) / spanMs));
  const counts = new Array(parts).fill(0);
  for (const row of rows) counts[partOf(row)]++;
  const fullest = counts.indexOf(Math.max(...counts));
  const usual = rows.filter((row) => partOf(row) !== fullest);
  const groups = groupsOf(usual);
  return {
    perMs: (groups.length * parts) / ((parts - 1) * spanMs),
    like: groups.map((group) => group.map((row) => patternOf(row, numbers))),
  };
}

function groupsOf(rows: ArrivalRow[]): ArrivalRow[][] {
  const groups: ArrivalRow[][] = [];
  const last = new Map<string, ArrivalRow[]>();
  for (const row of rows.toSorted((a, b) => b.age_ms - a.age_ms)) {
    const key = `${row.tenant_id} ${row.queue} ${row.type} ${row.p50_ms}`;
    const group = last.get(key);
    if (group && (group.at(-1) as ArrivalRow).age_ms - row.age_ms <= togetherMs) group.push(row);
    else {
      const fresh = [row];
      groups.push(fresh);
      last.set(key, fresh);
    }
  }
  return groups;
}

function patternOf(row: ArrivalRow, numbers: Numbers): Arrival {
  const scopes = numbers.scopes(row.scopes);
  return {
    lane: numbers.lane(row),
    type: numbers.type(row.type),
    p50Ms: row.p50_ms,
    p90Ms: row.p90_ms,
    scopes,
    gated: scopes.length > 0,
    rankAhead: Math.max(0, row.rank_ahead),
  };
}

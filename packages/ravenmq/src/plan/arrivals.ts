/** How jobs come at present: the pace of the last minute without its bursts, and what those that came were like. */
import type { Queryable } from '../db/connect.ts';
import type { Arrivals } from './state.ts';

const windowMs = 60_000;
/** Parts of the window. The pace is that of the middle one: a batch that came once will not come for ever. */
const parts = 6;
/** Latest jobs that are looked at. */
const sample = 600;

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
  // A full sample may reach less far back than the window.
  const spanMs = rows.length >= sample ? Math.max(...rows.map((row) => row.age_ms), 1) : windowMs;
  const counts = new Array(parts).fill(0);
  const partOf = ({ age_ms }: ArrivalRow) =>
    Math.min(parts - 1, Math.max(0, Math.floor((parts * age_ms) / spanMs)));
  for (const row of rows) counts[partOf(row)]++;
  const sorted = counts.toSorted((a, b) => a - b);
  const usual = ((sorted[parts / 2 - 1] ?? 0) + (sorted[parts / 2] ?? 0)) / 2;
  const ordinary = rows.filter((row) => counts[partOf(row)] <= 3 * usual + 1);
  return {
    perMs: (usual * parts) / spanMs,
    like: ordinary.map((row) => {
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
    }),
  };
}

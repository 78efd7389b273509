/** Which timeout a series could have: from its successful runs only, without the longest few. */
import type { Queryable } from '../db/connect.ts';

/** Latest runs of the tenants that are looked at, and how many a series needs. */
const sample = 5_000;
const fewest = 20;
/** Share of the runs that is left after the longest are cut off; what is allowed beyond it. */
const kept = 0.98;
const room = 2;
const leastMs = 1_000;

export interface TimeoutSuggestion {
  type: string;
  name: string;
  samples: number;
  p98_ms: number;
  suggested_timeout_ms: number;
}

/** Call it in a scope: row level security picks the tenants. */
export async function suggestTimeouts(db: Queryable, tenants: string[] | null): Promise<TimeoutSuggestion[]> {
  const { rows } = await db.query<Omit<TimeoutSuggestion, 'suggested_timeout_ms'>>(
    `select type, name, count(*)::int as samples, percentile_cont($1) within group (order by runtime_ms) as p98_ms
     from (
       select type, name, outcome, runtime_ms from job_history
       where $4::uuid[] is null or tenant_id = any ($4) order by id desc limit $2
     ) latest
     where outcome = 'done' group by type, name having count(*) >= $3 order by samples desc, type, name limit 200`,
    [kept, sample, fewest, tenants],
  );
  return rows.map((row) => ({
    ...row,
    suggested_timeout_ms: Math.ceil(Math.max(leastMs, room * row.p98_ms)),
  }));
}

/** The leader's row: who leads, under which term, until when. Elections are in scheduler/elector.ts. */
import type { Queryable } from '../db/connect.ts';

/**
 * Proof of leadership, drawn at every election: each statement of a leader carries it and does nothing when `leads`
 * denies it. The term would not do: after a failover that lost an election its number is issued again.
 */
export interface Guard {
  proof: number;
}

export interface LeaderRow {
  worker_id: string;
  elected_at: string;
  last_seen: string;
  seconds_since_heartbeat: number;
  status: 'active' | 'stale';
  term: number;
}

export async function readLeader(db: Queryable): Promise<LeaderRow | undefined> {
  const { rows } = await db.query<LeaderRow & Record<string, unknown>>(
    `select worker_id, elected_at, last_seen, term,
       greatest(0, round(extract(epoch from clock_timestamp() - last_seen)::numeric, 3))::float8 as seconds_since_heartbeat,
       case when expires_at > clock_timestamp() then 'active' else 'stale' end as status
     from scheduler_leader`,
  );
  return rows[0];
}

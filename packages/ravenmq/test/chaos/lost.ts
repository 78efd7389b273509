/** Reads what a failover took away: from the dead primary's own data, so that nothing else counts as lost with it. */
import type { Lost } from './evidence.ts';
import type { Query } from './server.ts';

/** Adds what `dead` has and `alive` has not. */
export async function addLost(lost: Lost, schema: string, dead: Query, alive: Query): Promise<void> {
  for (const [what, text] of Object.entries(questions(schema)) as [keyof Lost, string][]) {
    const there = new Set((await alive(text)).map((row) => JSON.stringify(row)));
    const gone = (await dead(text)).filter((row) => !there.has(JSON.stringify(row)));
    (lost[what] as object[]).push(...gone);
  }
}

/** The time of an event, to the microsecond, tells it from the same thing done again on the new primary. */
const questions = (schema: string): Record<keyof Lost, string> => ({
  jobs: `select id, idempotency_key as key from ${schema}.jobs where type = 'work'`,
  events: `select job_id as job, from_status as "from", to_status as "to", fence::int, at from ${schema}.chaos_event`,
  effects: `select job_id as job, fence::int from ${schema}.chaos_effect`,
  terms: `select term::int, worker_id as worker, extract(epoch from elected_at)::float8 * 1000 as "electedAt",
     extract(epoch from last_seen)::float8 * 1000 as "lastSeen" from ${schema}.chaos_term`,
});

/** Numbers for analytics and metrics, kept as they happen, so that no page ever counts finished jobs. */
import { type Pool, type Queryable, transaction } from '../db/connect.ts';
import { durationBuckets } from '../jobs/metrics.ts';
import type { Guard } from '../workers/leader.ts';

const batch = 5_000;

/** Adds the attempts that ended since the last call to the statistics; each counts exactly once. */
export async function rollUpAttempts(db: Queryable, guard: Guard): Promise<'again' | undefined> {
  const { rows } = await db.query<{ counted: number }>({
    name: 'roll_up',
    text: 'select roll_up_attempts($1, $2, $3) as counted',
    values: [guard.proof, batch, durationBuckets],
  });
  return (rows[0]?.counted ?? 0) >= batch ? 'again' : undefined;
}

/** How much waits and runs, per tenant and minute; the largest within a minute is kept. */
export async function recordDepth(db: Pool, guard: Guard): Promise<undefined> {
  await transaction(db, async (client) => {
    // The one statement that needs every row: through an index that takes several times as long.
    await client.query('set local enable_seqscan = on');
    await client.query(
      `insert into queue_depth_minute as d (minute, tenant_id, scheduled, queued, running, queued_ms)
       select date_trunc('minute', now()), tenant_id, count(*) filter (where status = 'scheduled'),
         count(*) filter (where status = 'queued'), count(*) filter (where status = 'running'),
         coalesce(sum(predicted_mean_ms) filter (where status = 'queued'), 0)
       from job_live where leads($1) group by tenant_id
       on conflict (tenant_id, minute) do update set scheduled = greatest(d.scheduled, excluded.scheduled),
         queued = greatest(d.queued, excluded.queued), running = greatest(d.running, excluded.running),
         queued_ms = greatest(d.queued_ms, excluded.queued_ms)`,
      [guard.proof],
    );
  });
}

/** Days that are kept minute by minute; older ones are one row a day, tenant and type. */
const daysInMinutes = 8;

/** Adds the minutes of days past into their days (UTC), so that the table grows by days, not by minutes. */
export async function foldOldMinutes(db: Queryable, guard: Guard): Promise<'again' | undefined> {
  const { rows } = await db.query<{ folded: number }>(
    `with old as (
       delete from stats_minute where (tenant_id, minute, type) in (
         select tenant_id, minute, type from stats_minute
         where minute < now() - make_interval(days => $2) and minute <> date_trunc('day', minute, 'UTC')
           and leads($1)
         limit $3 for update skip locked)
       returning *
     ),
     days as (
       insert into stats_minute as s (minute, tenant_id, type, done, failed, cancelled, attempts, wait_ms_sum,
         runtime_ms_sum, predicted_ms_sum, ape_sum, ape_count)
       select date_trunc('day', minute, 'UTC'), tenant_id, type, sum(done), sum(failed), sum(cancelled), sum(attempts),
         sum(wait_ms_sum), sum(runtime_ms_sum), sum(predicted_ms_sum), sum(ape_sum), sum(ape_count)
       from old group by 1, 2, 3
       on conflict (tenant_id, minute, type) do update set
         done = s.done + excluded.done, failed = s.failed + excluded.failed,
         cancelled = s.cancelled + excluded.cancelled, attempts = s.attempts + excluded.attempts,
         wait_ms_sum = s.wait_ms_sum + excluded.wait_ms_sum,
         runtime_ms_sum = s.runtime_ms_sum + excluded.runtime_ms_sum,
         predicted_ms_sum = s.predicted_ms_sum + excluded.predicted_ms_sum,
         ape_sum = s.ape_sum + excluded.ape_sum, ape_count = s.ape_count + excluded.ape_count
     )
     select count(*)::int as folded from old`,
    [guard.proof, daysInMinutes, batch],
  );
  return (rows[0]?.folded ?? 0) >= batch ? 'again' : undefined;
}

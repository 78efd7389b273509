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
      `insert into queue_depth_minute as d (minute, tenant_id, scheduled, queued, running)
       select date_trunc('minute', now()), tenant_id, count(*) filter (where status = 'scheduled'),
         count(*) filter (where status = 'queued'), count(*) filter (where status = 'running')
       from job_live where leads($1) group by tenant_id
       on conflict (tenant_id, minute) do update set scheduled = greatest(d.scheduled, excluded.scheduled),
         queued = greatest(d.queued, excluded.queued), running = greatest(d.running, excluded.running)`,
      [guard.proof],
    );
  });
}

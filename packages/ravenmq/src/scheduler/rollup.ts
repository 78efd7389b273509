/** Numbers for analytics and metrics, kept as they happen, so that no page ever counts finished jobs. */

import { type Client, type Pool, transaction } from '../db/connect.ts';
import { followLogs, type LogRow } from '../jobs/follow-logs.ts';
import { durationBuckets } from '../jobs/metrics.ts';

const batch = 2_000;

/** Adds the attempts that ended since the last call to the minutes they ended in. Each counts exactly once. */
export async function rollUpAttempts(pool: Pool): Promise<'again' | undefined> {
  return transaction(pool, async (client) => {
    const logs = await followLogs(client, 'rollup', batch);
    if (logs.length === 0) return undefined;
    await client.query(
      `insert into stats_minute (minute, tenant_id, type, done, failed, cancelled, attempts, wait_ms_sum,
         runtime_ms_sum, predicted_ms_sum, ape_sum, ape_count)
       select date_trunc('minute', logged_at), tenant_id, type,
         count(*) filter (where outcome = 'done'),
         count(*) filter (where final and outcome not in ('done', 'cancelled')),
         count(*) filter (where outcome = 'cancelled'),
         count(*), sum(wait_ms),
         coalesce(sum(runtime_ms) filter (where outcome = 'done'), 0),
         coalesce(sum(predicted_runtime_ms) filter (where outcome = 'done'), 0),
         coalesce(sum(abs(predicted_runtime_ms - runtime_ms) / greatest(runtime_ms, 1)) filter (where outcome = 'done'), 0),
         count(*) filter (where outcome = 'done')
       from (
         select logged_at, tenant_id, type, outcome, final, wait_ms, runtime_ms, predicted_runtime_ms
         from unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::float8[], $7::float8[],
           $8::float8[]) as l(logged_at, tenant_id, type, outcome, final, wait_ms, runtime_ms, predicted_runtime_ms)
       ) l
       group by 1, 2, 3 order by 2, 1, 3
       on conflict (tenant_id, minute, type) do update set
         done = stats_minute.done + excluded.done, failed = stats_minute.failed + excluded.failed,
         cancelled = stats_minute.cancelled + excluded.cancelled,
         attempts = stats_minute.attempts + excluded.attempts,
         wait_ms_sum = stats_minute.wait_ms_sum + excluded.wait_ms_sum,
         runtime_ms_sum = stats_minute.runtime_ms_sum + excluded.runtime_ms_sum,
         predicted_ms_sum = stats_minute.predicted_ms_sum + excluded.predicted_ms_sum,
         ape_sum = stats_minute.ape_sum + excluded.ape_sum, ape_count = stats_minute.ape_count + excluded.ape_count`,
      [
        logs.map((log) => log.logged_at),
        logs.map((log) => log.tenant_id),
        logs.map((log) => log.type),
        logs.map((log) => log.outcome),
        logs.map((log) => log.final),
        logs.map((log) => log.wait_ms),
        logs.map((log) => log.runtime_ms),
        logs.map((log) => log.predicted_runtime_ms),
      ],
    );
    await addDurations(client, logs);
    return logs.length >= batch ? 'again' : undefined;
  });
}

async function addDurations(client: Client, logs: LogRow[]): Promise<void> {
  const byType = new Map<string, { counts: number[]; sum: number }>();
  for (const { type, runtime_ms: runtimeMs } of logs) {
    const entry = byType.get(type) ?? { counts: Array(durationBuckets.length + 1).fill(0), sum: 0 };
    byType.set(type, entry);
    durationBuckets.forEach((bound, n) => {
      if (runtimeMs <= bound * 1_000) entry.counts[n] = (entry.counts[n] ?? 0) + 1;
    });
    entry.counts[durationBuckets.length] = (entry.counts[durationBuckets.length] ?? 0) + 1;
    entry.sum += runtimeMs / 1_000;
  }
  for (const [type, { counts, sum }] of byType) {
    await client.query(
      `insert into job_duration as d (type, counts, sum_seconds) values ($1, $2, $3)
       on conflict (type) do update set sum_seconds = d.sum_seconds + excluded.sum_seconds,
         counts = (select array_agg(old + new order by n)
           from unnest(d.counts, excluded.counts) with ordinality as c(old, new, n))`,
      [type, counts, sum],
    );
  }
}

/** How much waited and ran, per tenant, once in a while within the minute; the largest of a minute is kept. */
export async function recordDepth(pool: Pool): Promise<undefined> {
  await pool.query(
    `insert into queue_depth_minute (minute, tenant_id, scheduled, queued, running)
     select date_trunc('minute', now()), tenant_id, count(*) filter (where status = 'scheduled'),
       count(*) filter (where status = 'queued'), count(*) filter (where status = 'running')
     from job_live group by tenant_id
     on conflict (tenant_id, minute) do update set
       scheduled = greatest(queue_depth_minute.scheduled, excluded.scheduled),
       queued = greatest(queue_depth_minute.queued, excluded.queued),
       running = greatest(queue_depth_minute.running, excluded.running)`,
  );
  return undefined;
}

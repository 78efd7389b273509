/** RavenMQ with 20 days of finished jobs behind it, in a schema of its own, so that they are made once. */
import type { Pool } from '../../packages/ravenmq/src/db/connect.ts';
import { migrate } from '../../packages/ravenmq/src/db/migrate.ts';
import type { Contestant, Place } from '../contestant.ts';
import { noneLeft, organization, pools } from './database.ts';
import { producer, startScheduler, startWorker } from './direct.ts';

const schema = 'bench_history';
const days = 20;

export function withHistory({ databaseUrl, historyRows }: Place): Contestant {
  return {
    async prepare() {
      const pool = pools(databaseUrl, 1, schema);
      await migrate(pool, schema);
      const { rowCount } = await pool.query('select from organizations');
      if (rowCount === 0) await makeHistory(pool, historyRows);
      await pool.query('truncate job_live, turn, charge, idempotency');
      await pool.query('vacuum analyze');
      await pool.end();
    },
    isEmpty: (pool) => noneLeft(pool, `${schema}.job_live`),
    produce: async () => producer(databaseUrl, true, schema),
    work: (onJob) => startWorker(databaseUrl, schema, ['bench'], onJob),
    async accompany() {
      const scheduler = await startScheduler(databaseUrl, schema);
      await settled(databaseUrl);
      return scheduler;
    },
  };
}

/** A new leader analyzes the history first, and then once an hour: no window begins before that is done. */
async function settled(databaseUrl: string): Promise<void> {
  const pool = pools(databaseUrl, 1, schema);
  const busy = `select from pg_stat_activity where query like 'analyze job_history%' and state = 'active'`;
  for (let quiet = 0; quiet < 10; quiet++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if ((await pool.query(busy)).rowCount) quiet = 0;
  }
  await pool.end();
}

async function makeHistory(pool: Pool, jobs: number): Promise<void> {
  await pool.query('insert into organizations (name) values ($1)', [organization]);
  for (let day = days; day > 0; day--) {
    await pool.query(
      `do $$ declare day date := current_date - ${day}; begin
         execute format('create table if not exists job_history_%s partition of job_history for values from (%L) to (%L)',
           to_char(day, 'YYYYMMDD'), uuid7_floor(day), uuid7_floor(day + 1));
       end $$`,
    );
    // Ids in the order of their times, as they are made in service: the day's milliseconds, then something random.
    await pool.query(
      `insert into job_history (id, tenant_id, org_id, queue, type, name, payload, status, priority, weight,
         predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, worker_id, retry_count,
         max_retries, crash_count, labels, outcome, runtime_ms, created_at, started_at, finished_at)
       select overlay(uuid7_floor(at)::text placing substr(gen_random_uuid()::text, 15) from 15)::uuid, o.id, o.id,
         'default', 'bench', 'bench', '{"n": 1, "at": 1.5}', 'done', 0.5, 1, 3000, 3000, 3000,
         floor(date_part('epoch', at) * 1e6)::bigint, at, 1, 'bench', 0, 3, 0, '{}', 'done', 1, at, at, at
       from organizations o, generate_series(1, $1::int) n
       cross join lateral (select current_date - $2::int + (n - 0.5) / $1 * interval '1 day' as at) t`,
      [Math.round(jobs / days), day],
    );
  }
  // Counted long ago.
  await pool.query(`insert into follower (name, xid) values ('rollup', pg_current_xact_id())`);
}

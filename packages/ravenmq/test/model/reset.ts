import type { Pool } from '../../src/db/connect.ts';

/** How long each type of job is predicted to take, in milliseconds. */
const predicted: Record<string, number> = { short: 20, long: 60_000 };

export const predictedMs = (type: string): number => predicted[type] as number;

/** What a schema and its leader are: no job changes it. */
const kept = ['migration', 'scheduler_leader'];

/** Empties the one schema that all rounds of a test use, and publishes the predictions. */
export async function reset(pool: Pool): Promise<void> {
  const { rows } = await pool.query(
    `select string_agg(oid::regclass::text, ', ') as tables from pg_class
     where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
       and relname <> all ($1)`,
    [kept],
  );
  await pool.query(`truncate ${rows[0]?.tables}`);
  await pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     select '00000000-0000-0000-0000-000000000000', type, '', ms, ms * 1.5, ms, 9
     from unnest($1::text[], $2::float8[]) as t(type, ms)`,
    [Object.keys(predicted), Object.values(predicted)],
  );
}

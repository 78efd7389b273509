/** The statistics in the database: loaded, updated and published for the series that a batch of runs touches. */
import type { Client } from '../db/connect.ts';
import { baseMs, type Estimate, emptyStat, estimate, priorOf, type Stat } from './running-stats.ts';

/** The tenant of statistics over all tenants; only built-in types have such. */
export const everyone = '00000000-0000-0000-0000-000000000000';

/** Series, and likewise types, kept per tenant; the longest unused beyond it fall back to what is above them. */
const seriesPerTenant = 5_000;

export interface Level {
  tenantId: string;
  type: string;
  /** '' for all series of the type. */
  name: string;
}

/** The levels of a series, finest first. */
export function levelsOf(tenantId: string, type: string, name: string): Level[] {
  const levels = [
    { tenantId, type, name },
    { tenantId, type, name: '' },
  ];
  if (baseMs.has(type)) levels.push({ tenantId: everyone, type, name: '' });
  return levels;
}

export const keyOf = ({ tenantId, type, name }: Level): string => JSON.stringify([tenantId, type, name]);

/** isNew: it has no row yet. */
export type Stats = Map<string, { level: Level; stat: Stat; isNew: boolean }>;

/** Estimate of the finest of `levels`, each pulled to the next. */
export function estimateOf(stats: Stats, levels: Level[]): Estimate {
  let known = priorOf((levels[0] as Level).type);
  for (const level of levels.toReversed()) known = estimate(stats.get(keyOf(level))?.stat, known);
  return known;
}

interface StatRow {
  tenant_id: string;
  type: string;
  name: string;
  samples: number;
  log_weight: number;
  log_mean: number;
  log_square: number;
  weight: number;
  mean_ms: number;
  failed: number;
  timed_out: number;
  cancelled: number;
  crashed: number;
}

export async function loadStats(client: Client, levels: Level[]): Promise<Stats> {
  const stats: Stats = new Map(
    levels.map((level) => [keyOf(level), { level, stat: emptyStat(), isNew: true }]),
  );
  const wanted = [...stats.values()].map(({ level }) => level);
  const { rows } = await client.query<StatRow>(
    `select s.* from unnest($1::uuid[], $2::text[], $3::text[]) as w(tenant_id, type, name)
     join series_stat s using (tenant_id, type, name)`,
    [
      wanted.map((level) => level.tenantId),
      wanted.map((level) => level.type),
      wanted.map((level) => level.name),
    ],
  );
  for (const row of rows) {
    const level = { tenantId: row.tenant_id, type: row.type, name: row.name };
    const stat: Stat = {
      samples: row.samples,
      logWeight: row.log_weight,
      logMean: row.log_mean,
      logSquare: row.log_square,
      weight: row.weight,
      meanMs: row.mean_ms,
      failed: row.failed,
      timedOut: row.timed_out,
      cancelled: row.cancelled,
      crashed: row.crashed,
    };
    stats.set(keyOf(level), { level, stat, isNew: false });
  }
  return stats;
}

export async function saveStats(client: Client, stats: Stats): Promise<void> {
  const entries = [...stats.values()];
  const column = <T>(of: (entry: { level: Level; stat: Stat }) => T) => entries.map(of);
  await client.query(
    `insert into series_stat (tenant_id, type, name, samples, log_weight, log_mean, log_square, weight, mean_ms,
       failed, timed_out, cancelled, crashed, updated_at)
     select s.*, now() from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::float8[], $6::float8[],
       $7::float8[], $8::float8[], $9::float8[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[]) as s
     on conflict (tenant_id, type, name) do update set samples = excluded.samples, log_weight = excluded.log_weight,
       log_mean = excluded.log_mean, log_square = excluded.log_square, weight = excluded.weight,
       mean_ms = excluded.mean_ms, failed = excluded.failed, timed_out = excluded.timed_out,
       cancelled = excluded.cancelled, crashed = excluded.crashed, updated_at = excluded.updated_at`,
    [
      column(({ level }) => level.tenantId),
      column(({ level }) => level.type),
      column(({ level }) => level.name),
      column(({ stat }) => stat.samples),
      column(({ stat }) => stat.logWeight),
      column(({ stat }) => stat.logMean),
      column(({ stat }) => stat.logSquare),
      column(({ stat }) => stat.weight),
      column(({ stat }) => stat.meanMs),
      column(({ stat }) => stat.failed),
      column(({ stat }) => stat.timedOut),
      column(({ stat }) => stat.cancelled),
      column(({ stat }) => stat.crashed),
    ],
  );
}

/** Publishes what is assumed of the built-in types; what was learned already stays. */
export async function publishPriors(client: Pick<Client, 'query'>): Promise<void> {
  for (const type of baseMs.keys()) {
    const { p50Ms, p90Ms, meanMs } = priorOf(type);
    await client.query(
      `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
       values ($1, $2, '', $3, $4, $5, 0) on conflict do nothing`,
      [everyone, type, p50Ms, p90Ms, meanMs],
    );
  }
}

/**
 * Forgets the longest unused series, and types, of the tenants that have too many. Reads all rows of these tenants:
 * call it for those that got a new one. A type is used whenever one of its series is, so it outlives them.
 */
export async function forgetOldSeries(
  client: Client,
  tenants: string[],
  keep = seriesPerTenant,
): Promise<void> {
  await client.query(
    `with old as (
       select tenant_id, type, name from (
         select tenant_id, type, name, row_number() over (
           partition by tenant_id, name = '' order by updated_at desc, type, name) as n
         from series_stat where tenant_id = any($1::uuid[])
       ) s where n > $2
     ),
     forgotten as (
       delete from series_stat s using old o
       where s.tenant_id = o.tenant_id and s.type = o.type and s.name = o.name
     )
     delete from estimate e using old o where e.tenant_id = o.tenant_id and e.type = o.type and e.name = o.name`,
    [tenants, keep],
  );
}

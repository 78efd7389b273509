/** Making estimates available to submissions, and to jobs that wait already where an estimate moved. */
import type { Client } from '../db/connect.ts';
import type { Prediction, Run } from './candidate.ts';
import type { Memory } from './memory.ts';
import { everyone, type Level } from './series.ts';

export interface Published {
  level: Level;
  /** '' for the whole level. */
  variant: string;
  estimate: Prediction;
  samples: number;
  /** How the runtime grows with the size hint; undefined where no sizes are given. */
  size?: Size | undefined;
}

/** The runtime is the estimate times ((1 + size hint) / e^log) to the power of slope. */
export interface Size {
  log: number;
  slope: number;
}

/** Variants of a series that have estimates; the others get the series'. */
const variantsPerSeries = 50;

/** Where waiting jobs of the level would have to move: the estimate changed by more than this factor. */
const movedBy = 1.2;

/** What the champion says of a job like the last of its series, ready where that one ended. */
export function estimateLike({ champion, history }: Memory, last: Run): Pick<Published, 'estimate' | 'size'> {
  const next = { ...last, readyAtMs: last.finishedAtMs, attempt: 1, previousOutcome: undefined };
  const estimate = champion.predict(next, history);
  if (last.sizeHint === undefined) return { estimate };
  const twice = champion.predict({ ...next, sizeHint: 1 + 2 * Math.max(0, last.sizeHint) }, history);
  const slope = Math.log(twice.p50Ms / estimate.p50Ms) / Math.LN2;
  const log = Math.log1p(Math.max(0, last.sizeHint));
  return { estimate, size: { log, slope: Math.min(3, Math.max(-1, slope)) } };
}

/** Publishes, and lists for the leader the tenants whose waiting jobs are to follow. */
export async function publish(client: Client, estimates: Published[]): Promise<void> {
  if (estimates.length === 0) return;
  const column = <T>(of: (entry: Published) => T) => estimates.map(of);
  const keys = [
    column(({ level }) => level.tenantId),
    column(({ level }) => level.type),
    column(({ level }) => level.name),
    column(({ variant }) => variant),
  ];
  const means = column(({ estimate }) => estimate.meanMs);
  const moved = await tenantsMoved(client, keys, means);
  await client.query(
    `insert into estimate (tenant_id, type, name, variant, p50_ms, p90_ms, mean_ms, samples, size_log, size_slope)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::float8[],
       $8::bigint[], $9::float8[], $10::float8[])
     on conflict (tenant_id, type, name, variant) do update set p50_ms = excluded.p50_ms, p90_ms = excluded.p90_ms,
       mean_ms = excluded.mean_ms, samples = excluded.samples, size_log = excluded.size_log,
       size_slope = excluded.size_slope, updated_at = now()`,
    [
      ...keys,
      column(({ estimate }) => estimate.p50Ms),
      column(({ estimate }) => estimate.p90Ms),
      means,
      column((entry) => entry.samples),
      column(({ size }) => size?.log ?? null),
      column(({ size }) => size?.slope ?? null),
    ],
  );
  await client.query(
    `insert into rerank (tenant_id) select unnest($1::uuid[])
     on conflict (tenant_id) do update set again = true where not rerank.again`,
    [moved],
  );
}

/** Tenants with an estimate that moved against what submissions got until now. */
async function tenantsMoved(client: Client, keys: string[][], means: number[]): Promise<string[]> {
  const { rows } = await client.query<{ tenant_id: string }>(
    `select distinct k.tenant_id
     from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::float8[]) as k(tenant_id, type, name, variant, ms)
     left join estimate own using (tenant_id, type, name, variant)
     left join estimate series on series.tenant_id = k.tenant_id and series.type = k.type and series.name = k.name
       and series.variant = ''
     left join estimate kind on kind.tenant_id = k.tenant_id and kind.type = k.type and kind.name = ''
     left join estimate built_in on built_in.tenant_id = $6 and built_in.type = k.type and built_in.name = ''
     cross join lateral (
       select coalesce(own.mean_ms, series.mean_ms, kind.mean_ms, built_in.mean_ms, 3000) as ms
     ) before
     where greatest(before.ms, k.ms) > $7 * least(before.ms, k.ms) and k.tenant_id <> $6
     order by k.tenant_id`,
    [...keys, means, everyone, movedBy],
  );
  return rows.map((row) => row.tenant_id);
}

/** Forgets the longest unused variants of the series among these that have too many: a variant may be a commit's id. */
export async function forgetOldVariants(
  client: Client,
  estimates: Published[],
  keep = variantsPerSeries,
): Promise<void> {
  const levels = estimates.filter(({ variant }) => variant !== '').map(({ level }) => level);
  if (levels.length === 0) return;
  await client.query(
    `delete from estimate e using (
       select tenant_id, type, name, variant, row_number() over (
         partition by tenant_id, type, name order by updated_at desc, variant) as n
       from (select distinct * from unnest($1::uuid[], $2::text[], $3::text[]) as l(tenant_id, type, name)) l
       join estimate using (tenant_id, type, name)
       where variant <> ''
     ) old
     where old.n > $4 and (e.tenant_id, e.type, e.name, e.variant) = (old.tenant_id, old.type, old.name, old.variant)`,
    [
      levels.map(({ tenantId }) => tenantId),
      levels.map(({ type }) => type),
      levels.map(({ name }) => name),
      keep,
    ],
  );
}

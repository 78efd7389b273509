/** What a job would be told before it is submitted: the estimate that it would get, and its place in the plan. */
import type { Queryable } from '../db/connect.ts';
import { type Eta, etaIn, isAtRisk } from './eta.ts';
import { spoken } from './range.ts';
import type { QueuePlan } from './read-plan.ts';

export interface Asked {
  tenantId: string;
  type: string;
  name: string;
  queue: string;
  variant: string | null;
  sizeHint: number | null;
  weight: number;
  deadline: string | null;
}

export interface Quote extends Omit<Eta, 'planned_at'> {
  predicted: { p50_ms: number; p90_ms: number; mean_ms: number };
  /** What the estimate rests on, and on how many runs. */
  basis: 'variant' | 'series' | 'type' | 'built_in' | 'default';
  samples: number;
  queue: string;
  waiting: number | null;
  planned_at: string | null;
  deadline_at_risk: boolean | null;
  sentence: string;
}

interface Row {
  basis: Quote['basis'];
  samples: number;
  p50_ms: number;
  p90_ms: number;
  mean_ms: number;
  rank: number;
  now_ms: number;
}

/** The same look-up and the same number as at submission (submit_jobs). */
const text = `with known as (
    select *, row_number() over (order by level) as n from (
      select 1 as level, 'variant' as basis, e.* from estimate e
        where tenant_id = $1 and type = $2 and name = $3 and variant = $4 and $4 <> ''
      union all select 2, 'series', e.* from estimate e where tenant_id = $1 and type = $2 and name = $3 and variant = ''
      union all select 3, 'type', e.* from estimate e where tenant_id = $1 and type = $2 and name = '' and $3 <> ''
      union all select 4, 'built_in', e.* from estimate e
        where tenant_id = '00000000-0000-0000-0000-000000000000' and type = $2 and name = ''
    ) levels
  ),
  sized as (
    select size_factor($5, size_log, size_slope) as factor from known
    where level <= 2 and size_log is not null order by level limit 1
  ),
  found as (
    select coalesce(max(basis), 'default') as basis, coalesce(max(samples), 0) as samples,
      coalesce(max(p50_ms), 3000) * f.factor as p50_ms, coalesce(max(p90_ms), 3000) * f.factor as p90_ms,
      coalesce(max(mean_ms), 3000) * f.factor as mean_ms
    from (select coalesce((select factor from sized), 1) as factor) f left join known on n = 1 group by f.factor
  )
  select f.*, rank_of(coalesce((select policy from queue where name = $8), 'adaptive'), clock_timestamp(), p90_ms, mean_ms,
      $6, $7, coalesce((select stretch from queue where name = $8), 10)) as rank,
    extract(epoch from clock_timestamp())::float8 * 1e3 as now_ms
  from found f`;

export async function quote(db: Queryable, asked: Asked, plan: QueuePlan | undefined): Promise<Quote> {
  const { rows } = await db.query<Row & Record<string, unknown>>({
    name: 'quote',
    text,
    values: [
      ...[asked.tenantId, asked.type, asked.name, asked.variant ?? '', asked.sizeHint],
      ...[asked.weight, asked.deadline, asked.queue],
    ],
  });
  const row = rows[0] as Row;
  const newcomer = {
    ...{ tenantId: asked.tenantId, rank: row.rank, p50Ms: row.p50_ms, p90Ms: row.p90_ms },
    readyAtMs: row.now_ms,
  };
  const eta = plan && etaIn(plan, newcomer);
  return {
    predicted: { p50_ms: row.p50_ms, p90_ms: row.p90_ms, mean_ms: row.mean_ms },
    basis: row.basis,
    samples: row.samples,
    queue: asked.queue,
    position: eta?.position ?? null,
    waiting: plan?.waiting ?? null,
    start: eta?.start ?? null,
    finish: eta?.finish ?? null,
    planned_at: eta?.planned_at ?? null,
    deadline_at_risk: isAtRisk(asked.deadline, eta?.finish ?? null, row.p90_ms, row.now_ms),
    sentence: sentenceOf(row, eta),
  };
}

function sentenceOf(row: Row, eta: Eta | undefined): string {
  const runs = `It would run for ${spoken(row.p50_ms)} (90 %: within ${spoken(row.p90_ms)})`;
  const basis =
    row.basis === 'default' ? ', a guess: nothing like it has run yet.' : `, as ${row.samples} runs say.`;
  if (!eta)
    return `${runs}${basis} When it would start is not known: no scheduler has planned its queue yet.`;
  if (!eta.start) return `${runs}${basis} Nothing would run it as things are.`;
  const inMs = (time: string) => spoken(Date.parse(time) - row.now_ms);
  return `${runs}${basis} It would start in ${inMs(eta.start.p50)} (90 %: within ${inMs(eta.start.p90)}), at position ${eta.position}.`;
}

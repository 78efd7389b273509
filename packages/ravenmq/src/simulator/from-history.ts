/** The finished jobs of the running system as a trace: what would have happened in another order. */
import type { Pool } from '../db/connect.ts';
import type { TraceRow } from './trace.ts';

export interface HistoryRow {
  id: string;
  tenant_id: string;
  user_id: string | null;
  type: string;
  name: string;
  variant: string | null;
  size_hint: number | null;
  timeout_ms: number | null;
  /** Milliseconds since 1970. */
  ready_at_ms: number;
  runtime_ms: number;
}

export interface Wanted {
  days: number;
  limit: number;
  /** Undefined: of every queue; of everybody. */
  queue?: string | undefined;
  tenants?: string[] | undefined;
}

/** The last `limit` jobs that succeeded within the last `days`, in the order in which they became ready. */
export async function readHistory(pool: Pool, { days, limit, queue, tenants }: Wanted): Promise<TraceRow[]> {
  const { rows } = await pool.query<HistoryRow>(
    `select * from (
       select id, tenant_id, user_id, type, name, variant, size_hint, timeout_ms,
         extract(epoch from ready_at)::float8 * 1e3 as ready_at_ms, runtime_ms
       from job_history
       where status = 'done' and runtime_ms is not null
         and id >= uuid7_floor(now() - $1 * interval '1 day')
         and ($3::text is null or queue = $3) and ($4::uuid[] is null or tenant_id = any ($4))
       order by id desc limit $2
     ) last
     order by ready_at_ms, id`,
    [days, limit, queue ?? null, tenants ?? null],
  );
  return rows.map(rowOfHistory);
}

/** Runs shorter than a clock can tell. */
const shortestMs = 0.01;

const rowOfHistory = (row: HistoryRow): TraceRow => ({
  id: row.id,
  submitMs: row.ready_at_ms,
  runtimeMs: Math.max(shortestMs, row.runtime_ms),
  tenant: row.tenant_id,
  user: row.user_id ?? '',
  type: row.type,
  name: row.name,
  variant: row.variant ?? '',
  requestedMs: row.timeout_ms ?? undefined,
  sizeHint: row.size_hint ?? undefined,
});

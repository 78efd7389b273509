/** What attempts tell while they run: log lines, progress, metrics. Written in batches, apart from the hot path. */
import { columnOf } from '../db/arrays.ts';
import type { Queryable } from '../db/connect.ts';

/** Lines of one attempt start at its fence times this: later attempts sort behind, and a line has one number. */
const linesPerFence = 1_000_000;

export interface LogLine {
  jobId: string;
  tenantId: string;
  fence: number;
  attempt: number;
  /** Counts from 1 in the attempt, below a million. */
  line: number;
  /** RFC 3339. */
  at: string;
  level: string;
  message: string;
}

export interface ProgressReport {
  jobId: string;
  tenantId: string;
  fence: number;
  /** 0 to 1. */
  share: number;
  note: string | null;
}

export interface MetricPoint {
  jobId: string;
  tenantId: string;
  name: string;
  step: number;
  value: number;
}

export interface ReportBatch {
  lines: LogLine[];
  /** One per job. */
  progress: ProgressReport[];
  /** One per job, name and step. */
  metrics: MetricPoint[];
}

/** Repeating it changes nothing: a line is known by its number, progress by its fence, a point by its step. */
export async function writeReports(db: Queryable, { lines, progress, metrics }: ReportBatch): Promise<void> {
  await db.query({
    name: 'write_reports',
    text: `with lines as (
      insert into job_log (job_id, tenant_id, seq, attempt, at, level, message)
      select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $5::timestamptz[], $6::text[], $7::text[])
      on conflict do nothing
    ),
    progress as (
      insert into job_progress as p (job_id, tenant_id, fence, share, note)
      select * from unnest($8::uuid[], $9::uuid[], $10::bigint[], $11::float8[], $12::text[]) order by 1
      on conflict (job_id) do update
      set fence = excluded.fence, share = excluded.share, note = excluded.note, updated_at = clock_timestamp()
      where p.fence <= excluded.fence
    )
    insert into job_metric (job_id, tenant_id, name, step, value)
    select * from unnest($13::uuid[], $14::uuid[], $15::text[], $16::bigint[], $17::float8[]) order by 1, 3, 4
    on conflict (job_id, name, step) do update set value = excluded.value, at = clock_timestamp()`,
    values: [
      columnOf(lines, (line) => line.jobId),
      columnOf(lines, (line) => line.tenantId),
      columnOf(lines, (line) => line.fence * linesPerFence + line.line),
      columnOf(lines, (line) => line.attempt),
      columnOf(lines, (line) => line.at),
      columnOf(lines, (line) => line.level),
      columnOf(lines, (line) => line.message),
      columnOf(progress, (report) => report.jobId),
      columnOf(progress, (report) => report.tenantId),
      columnOf(progress, (report) => report.fence),
      columnOf(progress, (report) => report.share),
      columnOf(progress, (report) => report.note),
      columnOf(metrics, (point) => point.jobId),
      columnOf(metrics, (point) => point.tenantId),
      columnOf(metrics, (point) => point.name),
      columnOf(metrics, (point) => point.step),
      columnOf(metrics, (point) => point.value),
    ],
  });
}

export interface LogRow {
  seq: number;
  attempt: number;
  at: string;
  level: string;
  message: string;
}

/** Lines behind the one numbered `after`, oldest first. */
export async function readLog(db: Queryable, jobId: string, after: number, limit: number): Promise<LogRow[]> {
  const { rows } = await db.query<LogRow & Record<string, unknown>>(
    `select seq, attempt, at, level, message from job_log where job_id = $1 and seq > $2 order by seq limit $3`,
    [jobId, after, limit],
  );
  return rows;
}

export interface Progress {
  share: number;
  note: string | null;
  updated_at: string;
}

/** Of the jobs among these that have told any, by id. */
export async function readProgress(db: Queryable, jobIds: string[]): Promise<Map<string, Progress>> {
  if (jobIds.length === 0) return new Map();
  const { rows } = await db.query<Progress & { job_id: string }>(
    'select job_id, share, note, updated_at from job_progress where job_id = any ($1)',
    [jobIds],
  );
  return new Map(rows.map(({ job_id: id, ...progress }) => [id, progress]));
}

export interface MetricRow {
  name: string;
  step: number;
  value: number;
  at: string;
}

/** By name and step. */
export async function readMetrics(db: Queryable, jobId: string, limit: number): Promise<MetricRow[]> {
  const { rows } = await db.query<MetricRow & Record<string, unknown>>(
    'select name, step, value, at from job_metric where job_id = $1 order by name, step limit $2',
    [jobId, limit],
  );
  return rows;
}

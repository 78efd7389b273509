/**
 * The one statement that writes new jobs: the SQL function submit_jobs, which also looks up the estimate, fixes rank
 * and priority, and settles idempotency keys. Prepared once per connection.
 */
import { crashpoint } from '../crashpoint.ts';
import { columnOf, pgArray } from '../db/arrays.ts';
import type { Queryable } from '../db/connect.ts';
import { newJobId } from './id.ts';
import type { JobRow } from './job.ts';
import { type NewJob, requestHash } from './new-job.ts';

export type Submitted = { kind: 'created' | 'existing'; job: JobRow } | { kind: 'conflict' };
export type SubmittedId = { kind: 'created' | 'existing'; id: string } | { kind: 'conflict' };

/** As submit_jobs answers: `n`, counted from 1, is null for a created job; `ready_at` is where it is `created_at`. */
interface SubmitRow {
  n: number | null;
  outcome: 'created' | 'existing' | 'conflict' | 'first';
  job_id: string;
  status: 'queued' | 'scheduled';
  priority: number;
  predicted_runtime_ms: number;
  predicted_p90_ms: number;
  rank: number;
  ready_at: string | null;
  gate: string | null;
  created_at: string;
}

const text = `select * from submit_jobs($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
  $7::text[], $8::float8[], $9::timestamptz[], $10::timestamptz[], $11::int[], $12::int[], $13::text[], $14::bytea[],
  $15::text[], $16::text[], $17::float8[], $18::text[], $19)`;

/**
 * Inserts the jobs in one statement and answers in their order. All or nothing: a value the database refuses rejects
 * with its SQLSTATE (classes 22 and 23). Runs in whatever transaction `db` is in.
 */
export async function insertJobs(db: Queryable, jobs: NewJob[]): Promise<Submitted[]> {
  const { ids, rows } = await submit(db, jobs, false);
  const existing = await readExisting(db, rows);
  const places = new Map(ids.map((id, n) => [id, n]));
  const answers: Submitted[] = new Array(jobs.length);
  for (const row of rows) {
    const n = row.n === null ? (places.get(row.job_id) as number) : row.n - 1;
    answers[n] = answerOf(row, jobs[n] as NewJob, existing);
  }
  return answers;
}

/**
 * The same, answering no more than the ids, and the smallest rank of the jobs that may run now (null: none may): no
 * rows to write out, send and read.
 */
export async function insertForIds(
  db: Queryable,
  jobs: NewJob[],
): Promise<{ answers: SubmittedId[]; gated: boolean; firstRank: number | null }> {
  const { ids, rows } = await submit(db, jobs, true);
  const answers = ids.map((id): SubmittedId => ({ kind: 'created', id }));
  let gated = false;
  let firstRank: number | null = null;
  for (const { n, outcome, job_id: id, rank } of rows) {
    if (outcome === 'first') firstRank = rank;
    else if (n === null) gated = true;
    else answers[n - 1] = outcome === 'conflict' ? { kind: 'conflict' } : { kind: 'existing', id };
  }
  return { answers, gated, firstRank };
}

async function submit(
  db: Queryable,
  jobs: NewJob[],
  brief: boolean,
): Promise<{ ids: string[]; rows: SubmitRow[] }> {
  const column = (of: (job: NewJob) => string | number | Buffer | null) => columnOf(jobs, of);
  const ids = jobs.map(() => newJobId());
  const answer = db.query<SubmitRow & Record<string, unknown>>({
    name: 'submit_jobs',
    text,
    values: [
      pgArray(ids),
      column((job) => job.orgId),
      column((job) => job.userId),
      column((job) => job.queue),
      column((job) => job.type),
      column((job) => job.name),
      column((job) => JSON.stringify(job.payload)),
      column((job) => job.weight),
      column((job) => job.runAt),
      column((job) => job.deadline),
      column((job) => job.maxRetries),
      column((job) => job.timeoutMs),
      column((job) => job.idempotencyKey),
      column((job) => (job.idempotencyKey === null ? null : requestHash(job))),
      column((job) => job.concurrencyKey),
      column(labelsOf),
      column((job) => job.sizeHint),
      column((job) => job.variant),
      brief,
    ],
  });
  crashpoint('submit statement sent');
  const { rows } = await answer;
  crashpoint('submit answered');
  return { ids, rows };
}

/** Most jobs have no labels: the database's default stands for them. */
function labelsOf({ labels }: NewJob): string | null {
  for (const _ in labels) return JSON.stringify(labels);
  return null;
}

function answerOf(row: SubmitRow, job: NewJob, existing: Map<string, JobRow>): Submitted {
  if (row.outcome === 'created') return { kind: 'created', job: rowOf(row, job) };
  const first = row.outcome === 'existing' ? existing.get(row.job_id) : undefined;
  return first ? { kind: 'existing', job: first } : { kind: 'conflict' };
}

async function readExisting(db: Queryable, rows: SubmitRow[]): Promise<Map<string, JobRow>> {
  const ids = rows.filter((row) => row.outcome === 'existing').map((row) => row.job_id);
  if (ids.length === 0) return new Map();
  const found = await db.query<JobRow & Record<string, unknown>>('select * from jobs where id = any($1)', [
    ids,
  ]);
  return new Map(found.rows.map((row) => [row.id, row]));
}

function rowOf(row: SubmitRow, job: NewJob): JobRow {
  return {
    id: row.job_id,
    tenant_id: job.orgId ?? (job.userId as string),
    org_id: job.orgId,
    user_id: job.userId,
    queue: job.queue,
    type: job.type,
    name: job.name,
    payload: job.payload,
    status: row.status,
    priority: row.priority,
    weight: job.weight,
    predicted_runtime_ms: row.predicted_runtime_ms,
    predicted_p90_ms: row.predicted_p90_ms,
    rank: row.rank,
    ready_at: row.ready_at ?? row.created_at,
    gate: row.gate,
    concurrency_key: job.concurrencyKey,
    fence: 0,
    worker_id: null,
    lease_expires_at: null,
    run_at: job.runAt,
    deadline: job.deadline,
    timeout_ms: job.timeoutMs,
    retry_count: 0,
    max_retries: job.maxRetries,
    crash_count: 0,
    cancel_requested: false,
    idempotency_key: job.idempotencyKey,
    labels: job.labels,
    size_hint: job.sizeHint,
    variant: job.variant,
    error_msg: null,
    result: null,
    runtime_ms: null,
    created_at: row.created_at,
    started_at: null,
    finished_at: null,
  };
}

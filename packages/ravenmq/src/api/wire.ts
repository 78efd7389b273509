/** The wire: what requests may hold and how rows look outside. Field names are those of the tables' contract. */
import { z } from 'zod';
import { type JobRow, statuses } from '../jobs/job.ts';
import type { Progress } from '../jobs/reports.ts';

export const username = z
  .string()
  .min(3)
  .max(32)
  .regex(/^[A-Za-z0-9_-]*$/, 'may hold letters, digits, - and _');
export const password = z.string().min(6).max(128);
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'holds a character that cannot be stored',
    );
export const organizationName = text(64).min(2);
export const keyName = text(64);
export const concurrencyKey = text(200);
export const queueName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_.:-]*$/, 'may hold letters, digits, _ . : and -');
const jobType = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_.:/-]*$/, 'may hold letters, digits, _ . : / and -');
const instant = z.iso.datetime({ offset: true }).meta({ format: 'date-time' });
const label = z
  .record(text(64), text(256))
  .refine((labels) => Object.keys(labels).length <= 32, 'has more than 32 entries');

export const newJob = z
  .strictObject({
    name: text(64),
    type: jobType,
    payload: z.record(z.string(), z.unknown()),
    queue: queueName.default('default'),
    run_at: instant.optional(),
    deadline: instant.optional(),
    weight: z.number().gt(0).max(1_000).default(1),
    max_retries: z.int().min(0).max(100).default(3),
    timeout_ms: z.int().min(1).max(2_147_483_647).optional(),
    idempotency_key: text(200).optional(),
    concurrency_key: concurrencyKey.optional(),
    labels: label.default({}),
    size_hint: z.number().min(0).max(1e15).optional(),
    variant: text(64).optional(),
  })
  .meta({ id: 'NewJob' });
export type NewJobBody = z.output<typeof newJob>;
export const mostAtOnce = 1_000;
export const newJobs = z.strictObject({ jobs: z.array(newJob).min(1).max(mostAtOnce) });

/** A job that is only asked about: what its estimate and its place depend on. */
export const estimateBody = z.strictObject({
  type: jobType,
  name: text(64).optional(),
  payload: z.record(z.string(), z.unknown()).optional(),
  queue: queueName.default('default'),
  size_hint: z.number().min(0).max(1e15).optional(),
  variant: text(64).optional(),
  weight: z.number().gt(0).max(1_000).default(1),
  deadline: instant.optional(),
});

const nullable = <T extends z.ZodType>(schema: T) => schema.nullable();
const time = z.string().meta({ format: 'date-time' });

export const range = z.object({ p10: time, p50: time, p90: time });
/** When the job is expected to start and end; null where nobody knows, or nothing will run it as things are. */
const eta = z.object({
  planned_at: time,
  position: nullable(z.number()),
  start: nullable(range),
  finish: nullable(range),
});

export const job = z
  .object({
    id: z.uuid(),
    name: z.string(),
    type: z.string(),
    payload: z.record(z.string(), z.unknown()),
    status: z.enum(statuses as [string, ...string[]]),
    priority: z.number(),
    user_id: nullable(z.string()),
    org_id: nullable(z.string()),
    created_at: nullable(time),
    started_at: nullable(time),
    finished_at: nullable(time),
    retry_count: z.number(),
    max_retries: z.number(),
    error_msg: nullable(z.string()),
    lease_expires_at: nullable(time),
    queue: z.string(),
    run_at: nullable(time),
    deadline: nullable(time),
    timeout_ms: nullable(z.number()),
    weight: z.number(),
    labels: z.record(z.string(), z.string()),
    worker_id: nullable(z.string()),
    predicted_runtime_ms: z.number(),
    runtime_ms: nullable(z.number()),
    result: z.unknown(),
    cancel_requested: z.boolean(),
    concurrency_key: nullable(z.string()),
    idempotency_key: nullable(z.string()),
    progress: nullable(
      z.object({ share: z.number(), note: nullable(z.string()), updated_at: time }),
    ).describe('How far a running job says it is, 0 to 1'),
    eta: nullable(eta).optional(),
    deadline_at_risk: nullable(z.boolean()).optional(),
    running_long: z.boolean().optional(),
  })
  .meta({ id: 'Job' });

/** Leaves out what is the engine's own: rank, fence, gate, tenant. */
export function jobToWire(row: JobRow, progress?: Progress): z.output<typeof job> {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    payload: row.payload,
    status: row.status,
    priority: row.priority,
    user_id: row.user_id,
    org_id: row.org_id,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
    retry_count: row.retry_count,
    max_retries: row.max_retries,
    error_msg: row.error_msg,
    lease_expires_at: row.lease_expires_at,
    queue: row.queue,
    run_at: row.run_at,
    deadline: row.deadline,
    timeout_ms: row.timeout_ms,
    weight: row.weight,
    labels: row.labels,
    worker_id: row.worker_id,
    predicted_runtime_ms: row.predicted_runtime_ms,
    runtime_ms: row.runtime_ms,
    result: row.result ?? null,
    cancel_requested: row.cancel_requested,
    concurrency_key: row.concurrency_key,
    idempotency_key: row.idempotency_key,
    progress: (row.status === 'running' && progress) || null,
  };
}

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

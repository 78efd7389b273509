import { z } from 'zod';
import type { Fire, NewSchedule, ScheduleRow } from '../schedules/schedules.ts';
import { nextFire, nextFires, timingProblem } from '../schedules/timing.ts';
import { Problem } from './problems.ts';
import { newJob } from './wire.ts';

/** Of a schedule and of a preview. */
export const timingFields = {
  cron: z.string().min(1).max(200).optional().describe('Five fields, or six with seconds first'),
  every_ms: z
    .int()
    .min(1_000)
    .max(366 * 86_400_000)
    .optional(),
  timezone: z.string().min(1).max(64).default('UTC').describe('IANA name; the clock that cron is read on'),
};

/** What a schedule submits: as POST /jobs, less what belongs to one job alone. */
const scheduledJob = newJob
  .omit({ name: true, run_at: true, deadline: true, idempotency_key: true })
  .meta({ id: 'ScheduledJob' });

export const newSchedule = z
  .strictObject({
    name: newJob.shape.name.describe('Also the name of its jobs'),
    ...timingFields,
    job: scheduledJob,
    missed: z
      .enum(['skip', 'once', 'all'])
      .default('once')
      .describe('Fires that nobody was there for: run none, the last one, or all'),
    overlap: z
      .enum(['allow', 'skip', 'queue'])
      .default('allow')
      .describe('While an earlier job has not ended: submit all the same, leave out, or wait for its end'),
    paused: z.boolean().default(false),
  })
  .refine((body) => (body.cron === undefined) !== (body.every_ms === undefined), {
    message: 'give either cron or every_ms',
  })
  .meta({ id: 'NewSchedule' });

const time = z.string().meta({ format: 'date-time' });

export const fire = z
  .object({
    fire_at: time,
    outcome: z.enum(['fired', 'waiting', 'overlap', 'missed', 'failed']),
    job_id: z.string().nullable(),
    by_hand: z.boolean(),
    error: z.string().nullable(),
    decided_at: time,
  })
  .meta({ id: 'ScheduleFire' });

export const schedule = z
  .object({
    id: z.uuid(),
    name: z.string(),
    cron: z.string().nullable(),
    every_ms: z.number().nullable(),
    timezone: z.string(),
    job: z.record(z.string(), z.unknown()),
    missed: z.enum(['skip', 'once', 'all']),
    overlap: z.enum(['allow', 'skip', 'queue']),
    paused: z.boolean(),
    next: z.array(time).describe('The next five fires; none while paused'),
    last_fire: fire.nullable().describe('What was decided of the newest fire time'),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Schedule' });

/** Throws `invalid` when it would never fire. `every_ms` counts from the anchor. */
export function toNewSchedule(body: z.output<typeof newSchedule>, anchor: string): NewSchedule {
  const { job } = body;
  const timing = { cron: body.cron ?? null, everyMs: body.every_ms ?? null, timezone: body.timezone, anchor };
  const problem = timingProblem(timing);
  if (problem) throw new Problem('invalid', problem);
  return {
    name: body.name,
    cron: timing.cron,
    every_ms: timing.everyMs,
    timezone: timing.timezone,
    anchor,
    type: job.type,
    payload: job.payload,
    queue: job.queue,
    weight: job.weight,
    max_retries: job.max_retries,
    timeout_ms: job.timeout_ms ?? null,
    concurrency_key: job.concurrency_key ?? null,
    labels: job.labels,
    size_hint: job.size_hint ?? null,
    variant: job.variant ?? null,
    missed: body.missed,
    overlap: body.overlap,
    paused: body.paused,
    next_at: body.paused ? null : (nextFire(timing, new Date())?.toISOString() ?? null),
  };
}

export function scheduleToWire(row: ScheduleRow): z.output<typeof schedule> {
  const timing = { ...row, everyMs: row.every_ms };
  const rest = row.next_at === null ? [] : nextFires(timing, new Date(row.next_at), 4);
  return {
    id: row.id,
    name: row.name,
    cron: row.cron,
    every_ms: row.every_ms,
    timezone: row.timezone,
    job: {
      type: row.type,
      payload: row.payload,
      queue: row.queue,
      weight: row.weight,
      max_retries: row.max_retries,
      labels: row.labels,
      ...(row.timeout_ms !== null && { timeout_ms: row.timeout_ms }),
      ...(row.concurrency_key !== null && { concurrency_key: row.concurrency_key }),
      ...(row.size_hint !== null && { size_hint: row.size_hint }),
      ...(row.variant !== null && { variant: row.variant }),
    },
    missed: row.missed,
    overlap: row.overlap,
    paused: row.paused,
    next: row.next_at === null ? [] : [row.next_at, ...rest.map((at) => at.toISOString())],
    last_fire: row.last_fire && inUtc(row.last_fire),
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

/** Times inside JSON come with their offset, which is that of the connection: none. */
function inUtc(last: Fire): Fire {
  const utc = (time: string) => time.replace(/\+00:00$/, 'Z');
  return { ...last, fire_at: utc(last.fire_at), decided_at: utc(last.decided_at) };
}

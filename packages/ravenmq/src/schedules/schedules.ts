/** Schedules as people make, see and change them. */
import type { Queryable } from '../db/connect.ts';

export interface ScheduleRow {
  id: string;
  tenant_id: string;
  name: string;
  cron: string | null;
  every_ms: number | null;
  timezone: string;
  anchor: string;
  type: string;
  payload: Record<string, unknown>;
  queue: string;
  weight: number;
  max_retries: number;
  timeout_ms: number | null;
  concurrency_key: string | null;
  labels: Record<string, string>;
  size_hint: number | null;
  variant: string | null;
  missed: 'skip' | 'once' | 'all';
  overlap: 'allow' | 'skip' | 'queue';
  paused: boolean;
  next_at: string | null;
  created_at: string;
  updated_at: string;
  /** Of the newest fire time; its times with their offset. */
  last_fire: Fire | null;
}

/** What a person decides; who it belongs to is said apart. */
export type NewSchedule = Omit<ScheduleRow, 'id' | 'tenant_id' | 'created_at' | 'updated_at' | 'last_fire'>;

export interface Fire {
  fire_at: string;
  outcome: 'fired' | 'waiting' | 'overlap' | 'missed' | 'failed';
  job_id: string | null;
  by_hand: boolean;
  error: string | null;
  decided_at: string;
}

/** Columns in the order of their parameters, from $4 on. */
const decided = `name, cron, every_ms, timezone, anchor, type, payload, queue, weight, max_retries, timeout_ms,
  concurrency_key, labels, size_hint, variant, missed, overlap, paused, next_at`;

const valuesOf = (schedule: NewSchedule): unknown[] => [
  schedule.name,
  schedule.cron,
  schedule.every_ms,
  schedule.timezone,
  schedule.anchor,
  schedule.type,
  JSON.stringify(schedule.payload),
  schedule.queue,
  schedule.weight,
  schedule.max_retries,
  schedule.timeout_ms,
  schedule.concurrency_key,
  JSON.stringify(schedule.labels),
  schedule.size_hint,
  schedule.variant,
  schedule.missed,
  schedule.overlap,
  schedule.paused,
  schedule.next_at,
];
const parameters = Array.from({ length: 19 }, (_, n) => `$${n + 4}`).join(', ');

/** A row with what was decided last: one step down the primary key of schedule_fire. */
const shown = `schedule.*, (select to_jsonb(f) - '{schedule_id,tenant_id}'::text[] from schedule_fire f
  where f.schedule_id = schedule.id order by f.fire_at desc limit 1) as last_fire`;

type Rows = ScheduleRow & Record<string, unknown>;

/** Undefined when the owner has a schedule of that name. */
export async function createSchedule(
  db: Queryable,
  owner: { orgId: string | null; userId: string },
  schedule: NewSchedule,
): Promise<ScheduleRow | undefined> {
  const tenant = owner.orgId ?? owner.userId;
  const { rows } = await db.query<Rows>(
    `insert into schedule (tenant_id, org_id, user_id, ${decided}) values ($1, $2, $3, ${parameters})
     on conflict (tenant_id, name) do nothing returning ${shown}`,
    [tenant, owner.orgId, owner.userId, ...valuesOf(schedule)],
  );
  return rows[0];
}

/** Undefined when there is no such schedule. Throws 23505 when its new name is taken. */
export async function changeSchedule(
  db: Queryable,
  id: string,
  schedule: NewSchedule,
): Promise<ScheduleRow | undefined> {
  // $2 and $3 keep the places of the parameters.
  const { rows } = await db.query<Rows>(
    `update schedule set (${decided}, updated_at) = (${parameters}, clock_timestamp())
     where id = $1 and $2::int is null and $3::int is null returning ${shown}`,
    [id, null, null, ...valuesOf(schedule)],
  );
  return rows[0];
}

export async function setPaused(
  db: Queryable,
  id: string,
  paused: boolean,
  nextAt: string | null,
): Promise<ScheduleRow | undefined> {
  const { rows } = await db.query<Rows>(
    `update schedule set paused = $2, next_at = $3, updated_at = clock_timestamp() where id = $1
     returning ${shown}`,
    [id, paused, nextAt],
  );
  return rows[0];
}

export async function deleteSchedule(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from schedule where id = $1', [id]);
  return rowCount === 1;
}

export async function getSchedule(db: Queryable, id: string): Promise<ScheduleRow | undefined> {
  const { rows } = await db.query<Rows>(`select ${shown} from schedule where id = $1`, [id]);
  return rows[0];
}

/** By name. Those of the listed tenants, or of all. */
export async function listSchedules(
  db: Queryable,
  { tenants, name, limit }: { tenants: string[] | null; name?: string | undefined; limit: number },
): Promise<ScheduleRow[]> {
  const { rows } = await db.query<Rows>(
    `select ${shown} from schedule where ($1::uuid[] is null or tenant_id = any ($1)) and ($2::text is null or name = $2)
     order by name, id limit $3`,
    [tenants, name ?? null, limit],
  );
  return rows;
}

/** What was decided of a schedule's fire times, newest first. */
export async function listFires(db: Queryable, id: string, limit: number): Promise<Fire[]> {
  const { rows } = await db.query<Fire & Record<string, unknown>>(
    `select fire_at, outcome, job_id, by_hand, error, decided_at from schedule_fire
     where schedule_id = $1 order by fire_at desc limit $2`,
    [id, limit],
  );
  return rows;
}

/** Submits the job now, whatever the overlap policy says, also while paused. Needs the rights of the engine. */
export async function runNow(db: Queryable, id: string): Promise<Fire | undefined> {
  const { rows } = await db.query<{ fire_at: string }>(
    `insert into schedule_fire (schedule_id, fire_at, tenant_id, outcome, by_hand)
     select id, clock_timestamp(), tenant_id, 'fired', true from schedule where id = $1 returning fire_at`,
    [id],
  );
  const [made] = rows;
  if (!made) return undefined;
  await db.query('select submit_fire(s, $2) from schedule s where id = $1', [id, made.fire_at]);
  return (await listFires(db, id, 1_000)).find((fire) => fire.fire_at === made.fire_at);
}

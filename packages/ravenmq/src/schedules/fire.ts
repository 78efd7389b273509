/** The leader's part: every due fire time is decided once, and becomes a job or is noted as why not. */
import { columnOf, pgArray } from '../db/arrays.ts';
import type { Queryable } from '../db/connect.ts';
import type { MadeReady } from '../jobs/job.ts';
import type { Guard } from '../workers/leader.ts';
import { firesBetween, nextFire, type Timing } from './timing.ts';

/** Schedules of one step. */
const batch = 100;
/** A fire that comes later than this was missed: nobody led. Shorter delays are those of a takeover. */
const missedAfterMs = 60_000;
const keepDays = 30;

type Missed = 'skip' | 'once' | 'all';

interface DueRow {
  id: string;
  cron: string | null;
  every_ms: number | null;
  timezone: string;
  anchor: string;
  missed: Missed;
  next_at: string;
  now: string;
}

/** Fires what is due. Answers how many schedules were due, and the smallest rank of the jobs that may run. */
export async function fireDue(db: Queryable, guard: Guard): Promise<MadeReady> {
  const { rows } = await db.query<DueRow & Record<string, unknown>>({
    name: 'due_schedules',
    text: `select id, cron, every_ms, timezone, anchor, missed, next_at, clock_timestamp() as now
      from schedule where not paused and next_at <= clock_timestamp() and leads($1)
      order by next_at limit ${batch}`,
    values: [guard.proof],
  });
  let firstRank: number | null = null;
  for (const row of rows) {
    const rank = await fireOne(db, guard, row);
    if (rank !== null) firstRank = Math.min(rank, firstRank ?? rank);
  }
  return { count: rows.length, firstRank };
}

async function fireOne(db: Queryable, guard: Guard, row: DueRow): Promise<number | null> {
  const now = new Date(row.now);
  const plan = planOf(row, now);
  if ('error' in plan) {
    await giveUp(db, guard, row, plan.error);
    return null;
  }
  const { fires, following } = plan;
  const { rows } = await db.query<{ first_rank: number | null }>({
    name: 'fire_schedule',
    text: 'select first_rank from fire_schedule($1, $2, $3, $4, $5, $6)',
    values: [
      guard.proof,
      row.id,
      row.next_at,
      columnOf(fires, (fire) => fire.toISOString()),
      pgArray(missedOf(fires, row.missed, now)),
      following?.toISOString() ?? null,
    ],
  });
  return rows[0]?.first_rank ?? null;
}

function planOf(row: DueRow, now: Date): { fires: Date[]; following: Date | undefined } | { error: Error } {
  const timing: Timing = { ...row, everyMs: row.every_ms };
  try {
    return { fires: firesBetween(timing, new Date(row.next_at), now), following: nextFire(timing, now) };
  } catch (error) {
    return { error: error as Error };
  }
}

/** A schedule whose times cannot be found, such as in a zone that this system does not know, must not stop the others. */
async function giveUp(db: Queryable, guard: Guard, row: DueRow, error: Error): Promise<void> {
  await db.query(
    `with stopped as (
      update schedule set next_at = null where id = $2 and next_at = $3 and leads($1) returning id, tenant_id
    )
    insert into schedule_fire (schedule_id, fire_at, tenant_id, outcome, error)
    select id, $3, tenant_id, 'failed', $4 from stopped on conflict do nothing`,
    [guard.proof, row.id, row.next_at, error.message],
  );
}

/** Which fires do not run: of the late ones none with `all`, all but the last with `once`, all with `skip`. */
export function missedOf(fires: Date[], policy: Missed, now: Date): boolean[] {
  const late = fires.filter((fire) => now.getTime() - fire.getTime() > missedAfterMs).length;
  const lost = policy === 'all' ? 0 : policy === 'once' ? Math.max(0, late - 1) : late;
  return fires.map((_, n) => n < lost);
}

/** Submits what waited for the end of the job before it. */
export async function fireWaiting(db: Queryable, guard: Guard): Promise<MadeReady> {
  const { rows } = await db.query<MadeReady & Record<string, unknown>>({
    name: 'fire_waiting',
    text: 'select fired as count, first_rank as "firstRank" from fire_waiting($1, $2)',
    values: [guard.proof, batch],
  });
  return rows[0] as MadeReady;
}

/** Forgets decisions of more than a month ago, except those that still wait. */
export async function forgetFires(db: Queryable, guard: Guard): Promise<void> {
  await db.query(
    `delete from schedule_fire f using schedule s
     where s.id = f.schedule_id and f.fire_at < now() - $2 * interval '1 day' and f.outcome <> 'waiting' and leads($1)`,
    [guard.proof, keepDays],
  );
}

/**
 * The leader's planning: looks whether anything has changed, plays the queues and publishes what comes of it. A plan of
 * the same picture is made anew only after a while, as running jobs take longer than expected.
 */
import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';
import { readArrivals } from './arrivals.ts';
import { type QueueRecord, recordsOf } from './entries.ts';
import { forecast } from './forecast.ts';
import type { Background, WorkRow } from './picture.ts';
import { dropPlansBut, publishPlan, renewEmptyPlans } from './publish.ts';
import { readPicture } from './read-state.ts';

/** Age at which a plan is made anew although nothing has changed, in milliseconds. */
const staleMs = 5_000;
/** The same when nothing waits and nothing runs. */
const idleStaleMs = 20_000;
/** The same for what comes from many rows. */
const backgroundMs = 5_000;

/** Share of a processor that looking and planning may take; the database's part is about a third as much. */
const leadersShare = 0.03;

export interface Planner {
  /** One look, and a new plan if it is due. Answers whether one was published. */
  refresh(): Promise<boolean>;
}

export function createPlanner(db: Queryable, guard: Guard, cpuShare = leadersShare): Planner {
  const background: Background = { work: [], arrivals: [] };
  let backgroundAt = Number.NEGATIVE_INFINITY;
  let sumsAt = Number.NEGATIVE_INFINITY;
  let fingerprint = '';
  let plannedAt = Number.NEGATIVE_INFINITY;
  /** Queues whose plan says that nothing waits and nothing runs, and on how many slots. */
  let empty = new Map<string, string>();
  let queues = '';

  /** A look or a plan that took long is not repeated soon, whoever else was in its way. */
  let restUntil = Number.NEGATIVE_INFINITY;
  async function sparingly(work: () => Promise<boolean>): Promise<boolean> {
    if (performance.now() < restUntil) return false;
    const before = cpuMs();
    try {
      return await work();
    } finally {
      restUntil = performance.now() + (cpuMs() - before) / cpuShare;
    }
  }

  async function look() {
    const now = performance.now();
    if (now - backgroundAt > backgroundMs) {
      background.arrivals = await readArrivals(db);
      backgroundAt = now;
    }
    const picture = await readPicture(db, background);
    if (!picture.cut || now - sumsAt <= backgroundMs) return picture;
    background.work = await readWork(db);
    sumsAt = now;
    return readPicture(db, background);
  }

  async function refresh(): Promise<boolean> {
    const picture = await look();
    const { state } = picture;
    const idle = state.waiting.length + state.running.length === 0;
    const same = picture.fingerprint === fingerprint;
    if (same && performance.now() - plannedAt <= (idle ? idleStaleMs : staleMs)) return false;
    await renewEmptyPlans(db, guard, state.nowMs);
    const records = recordsOf(picture, await forecast(state, { pause: () => setImmediate() }));
    const names = JSON.stringify(records.map(({ queue }) => queue));
    if (names !== queues)
      await dropPlansBut(
        db,
        guard,
        records.map(({ queue }) => queue),
      );
    for (const record of records) {
      if (isEmpty(record) && empty.get(record.queue) === sizeOf(record)) continue;
      await publishPlan(db, guard, state.nowMs, record);
    }
    empty = new Map(records.filter(isEmpty).map((record) => [record.queue, sizeOf(record)]));
    queues = names;
    fingerprint = picture.fingerprint;
    plannedAt = performance.now();
    return true;
  }

  return { refresh: () => sparingly(refresh) };
}

/** Of this thread. */
function cpuMs(): number {
  // Node 22 knows the whole process only.
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1e3;
}

const isEmpty = ({ waiting, running, jobs }: QueueRecord) => waiting + running.length + jobs.length === 0;

const sizeOf = ({ workers, slots, freeSlots }: QueueRecord) => `${workers} ${slots} ${freeSlots}`;

async function readWork(db: Queryable): Promise<WorkRow[]> {
  const { rows } = await db.query<WorkRow & Record<string, unknown>>({
    name: 'waiting_work',
    text: 'select * from waiting_work()',
  });
  return rows;
}

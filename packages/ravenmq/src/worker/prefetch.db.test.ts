/**
 * What a worker claims ahead of its free slots must not cost the order: a real worker and a real leader, with the
 * buffer warmed up by jobs that end at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { aWorker } from '../../test/a-worker.ts';
import { eventually } from '../../test/eventually.ts';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { acme, submitted } from '../../test/jobs.ts';
import { noWakeUps } from '../db/wake-ups.ts';
import { silentLogger } from '../log.ts';
import { createScheduler, type Scheduler } from '../scheduler/scheduler.ts';
import type { AttemptContext } from './attempt-context.ts';

const many = <T>(count: number, job: T): T[] => Array.from({ length: count }, () => job);

function aLeader({ pool, schema, directUrl }: TestDatabase): Scheduler {
  const given = { pool, schema, directUrl, wakeUps: noWakeUps, log: silentLogger };
  return createScheduler({ ...given, workerId: 'leader', termMs: 5_000, retentionDays: 30 });
}

/** Publishes what each type is predicted to take, in milliseconds. */
async function predict({ pool }: TestDatabase, types: Record<string, number>): Promise<void> {
  await pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     select $1, type, '', ms, ms, ms, 100 from unnest($2::text[], $3::float8[]) as t(type, ms)`,
    [acme, Object.keys(types), Object.values(types)],
  );
}

/** Lets the worker learn that jobs of the type `quick` end at once, so that it claims ahead. */
async function warmUp({ pool }: TestDatabase, wake: () => void): Promise<void> {
  await submitted(pool, ...many(1_000, { type: 'quick' }));
  wake();
  await eventually(async () => (await pool.query('select from job_live')).rowCount === 0);
}

test('a short job that arrives behind a thousand long ones starts next', { timeout: 60_000 }, async ({
  db,
}) => {
  await predict(db, { quick: 1, long: 200 });
  const starts: string[] = [];
  const run = (type: string, ms: number) => () => (starts.push(type), ms === 0 ? undefined : sleep(ms));
  const worker = aWorker(db.pool, { quick: run('quick', 0), long: run('long', 200) });
  const leader = aLeader(db);
  leader.start();
  await worker.start();
  await warmUp(db, () => worker.wake());
  // A leader ranks a burst anew by the backlog that it makes, once it knows from when on to look.
  const looked = 'select from queue_backlog';
  await eventually(async () => (await db.pool.query(looked)).rowCount === 1);
  await submitted(db.pool, ...many(1_000, { type: 'long' }));
  worker.wake();
  await eventually(() => starts.filter((type) => type === 'long').length > 8);

  const overtakenBy: number[] = [];
  for (let n = 0; n < 10; n++) {
    // It may start before its submission has its answer.
    const before = starts.length;
    await submitted(db.pool, { type: 'quick' });
    const acknowledged = starts.length;
    await eventually(() => starts.indexOf('quick', before) >= 0, { everyMs: 2 });
    overtakenBy.push(Math.max(0, starts.indexOf('quick', before) - acknowledged));
    // The rhythm of the long jobs must not decide.
    await sleep(17 * n);
  }
  await worker.stop(1_000);
  await leader.stop();

  // A claim that was under way when the short job arrived may still bring long ones for the slots that were free.
  expect(Math.max(...overtakenBy), String(overtakenBy)).toBeLessThanOrEqual(4);
  expect(overtakenBy.toSorted((a, b) => a - b)[5], String(overtakenBy)).toBe(0);
});

test('long jobs between short ones are claimed for free slots only', { timeout: 60_000 }, async ({ db }) => {
  await predict(db, { quick: 1, long: 300 });
  await db.pool.query(`insert into queue (name, policy) values ('default', 'fifo')`);
  let ended = 0;
  const long = async () => (await sleep(300), ended++);
  const worker = aWorker(db.pool, { quick: () => {}, long });
  await worker.start();
  await warmUp(db, () => worker.wake());
  const mixed = [...many(9, { type: 'quick' }), { type: 'long' }];
  await submitted(db.pool, ...many(50, mixed).flat());
  worker.wake();
  await eventually(() => ended >= 12);
  await worker.stop(1_000);

  // One that was claimed without a slot for it would have been given back, and claimed again.
  const again = await db.pool.query(`select fence from jobs where type = 'long' and fence > 1`);
  expect(again.rows).toEqual([]);
});

test('jobs that turn out long are not held back by a worker that does not start them', {
  timeout: 60_000,
}, async ({ db }) => {
  // Predicted short and long in truth; never seen before; as predicted.
  await predict(db, { quick: 1, liar: 1, honest: 300 });
  const running = new Set<string>();
  const slow =
    (ms: number) =>
    async (_: unknown, { jobId }: AttemptContext) => {
      running.add(jobId);
      await sleep(ms);
      running.delete(jobId);
    };
  const worker = aWorker(db.pool, { quick: () => {}, liar: slow(300), cold: slow(300), honest: slow(300) });
  const leader = aLeader(db);
  leader.start();
  await worker.start();
  await warmUp(db, () => worker.wake());
  const mixed = ['quick', 'liar', 'cold', 'honest', 'quick', 'liar'].map((type) => ({ type }));
  await submitted(db.pool, ...many(100, mixed).flat());
  worker.wake();

  const longest = await longestHeld(db, running, 3_000);
  await worker.stop(1_000);
  await leader.stop();

  expect(longest.heldMs, `longest pause ${longest.pauseMs} ms`).toBeLessThan(160 + longest.pauseMs);
});

/**
 * Watches for `ms` milliseconds how long a job is claimed without being started, and how long this process itself
 * did not come to look.
 */
async function longestHeld({ pool }: TestDatabase, running: ReadonlySet<string>, ms: number) {
  const since = new Map<string, number>();
  const longest = { heldMs: 0, pauseMs: 0 };
  const until = performance.now() + ms;
  for (let last = performance.now(); last < until; ) {
    const { rows } = await pool.query(
      `select id from job_live where status = 'running' and type <> 'quick' and started_at is null`,
    );
    const now = performance.now();
    longest.pauseMs = Math.max(longest.pauseMs, now - last);
    last = now;
    const held = rows.map((row) => row.id as string).filter((id) => !running.has(id));
    for (const id of since.keys()) if (!held.includes(id)) since.delete(id);
    for (const id of held) {
      longest.heldMs = Math.max(longest.heldMs, now - (since.get(id) ?? now));
      if (!since.has(id)) since.set(id, now);
    }
    await sleep(5);
  }
  return longest;
}

import { expect } from 'vitest';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, leadership } from '../../test/jobs.ts';
import type { Guard } from '../workers/leader.ts';
import { fireDue, fireWaiting, forgetFires, missedOf } from './fire.ts';
import { createSchedule, listFires, type NewSchedule, runNow } from './schedules.ts';

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1_000);

/** A schedule of the organization acme that was due first so many seconds ago. */
async function due(db: TestDatabase, ago: number, more: Partial<NewSchedule> = {}): Promise<string> {
  const first = secondsAgo(ago).toISOString();
  const made = await createSchedule(
    db.pool,
    { orgId: acme, userId: acme },
    {
      ...{ name: 'tick', cron: null, every_ms: 1_000, timezone: 'UTC', anchor: first, next_at: first },
      ...{ type: 'noop', payload: {}, queue: 'default', weight: 1, max_retries: 3, timeout_ms: null },
      ...{ concurrency_key: null, labels: { team: 'x' }, size_hint: null, variant: null },
      ...{ missed: 'all', overlap: 'allow', paused: false, ...more },
    },
  );
  return made?.id as string;
}

const outcomes = async (db: TestDatabase, id: string) =>
  (await listFires(db.pool, id, 1_000)).map((fire) => fire.outcome).reverse();

/** All that is due, until nothing is. */
async function fireAll(db: TestDatabase, guard: Guard): Promise<void> {
  while ((await fireDue(db.pool, guard)).count > 0);
}

test('eight that all believe they lead fire every time once', async ({ db }) => {
  const guard = await leadership(db.pool);
  const ids = await Promise.all(
    [1, 2, 3, 4].map((n) => due(db, 40, { name: `tick ${n}`, every_ms: n * 1_000 })),
  );

  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 6; round++) await fireDue(db.pool, guard);
    }),
  );

  for (const [n, id] of ids.entries()) {
    const fires = (await listFires(db.pool, id, 1_000)).reverse();
    const times = fires.map(({ fire_at }) => Date.parse(fire_at));
    const every = (n + 1) * 1_000;
    // None twice, none left out.
    expect(times).toEqual(times.map((_, k) => (times[0] as number) + k * every));
    expect(times.length).toBeGreaterThanOrEqual(Math.floor(40_000 / every) + 1);
    const { rows } = await db.pool.query(`select id from jobs where name = $1`, [`tick ${n + 1}`]);
    expect(new Set(rows.map((row) => row.id))).toEqual(new Set(fires.map((fire) => fire.job_id)));
    expect(rows).toHaveLength(fires.length);
  }
});

test('a leader whose term is over, and a schedule that is paused, fire nothing', async ({ db }) => {
  const old = await leadership(db.pool);
  const id = await due(db, 3);
  const guard = await leadership(db.pool);
  await fireDue(db.pool, old);
  expect(await outcomes(db, id)).toEqual([]);
  await db.pool.query('update schedule set paused = true');
  await fireDue(db.pool, guard);
  expect(await outcomes(db, id)).toEqual([]);
});

test('the job carries what the schedule says, and whose it is', async ({ db }) => {
  const guard = await leadership(db.pool);
  const id = await due(db, 0, {
    name: 'report',
    every_ms: 3_600_000,
    payload: { a: 1 },
    queue: 'slow',
    timeout_ms: 9_000,
  });
  expect((await fireDue(db.pool, guard)).firstRank).toBeTypeOf('number');
  const { rows } = await db.pool.query('select * from jobs');
  expect(rows).toMatchObject([
    {
      ...{ name: 'report', type: 'noop', payload: { a: 1 }, queue: 'slow', timeout_ms: 9_000, org_id: acme },
      ...{ labels: { team: 'x', schedule: 'report' }, status: 'queued' },
    },
  ]);
  expect(await listFires(db.pool, id, 10)).toMatchObject([
    { outcome: 'fired', job_id: rows[0].id, by_hand: false },
  ]);
  expect(await claim(db.pool, { queues: ['slow'] })).toHaveLength(1);
});

test.each([
  ['skip', 0],
  ['once', 1],
  ['all', 10],
] as const)('of ten fires that nobody was there for, %s runs %i', async (missed, count) => {
  const now = new Date();
  const fires = [...Array(10).keys()].map((n) => new Date(now.getTime() - 600_000 + n * 1_000));
  const lost = missedOf([...fires, now], missed, now);
  expect(lost.filter((is) => !is)).toHaveLength(count + 1);
  expect(lost.at(-1)).toBe(false);
});

test('missed fires are noted, not submitted', async ({ db }) => {
  const guard = await leadership(db.pool);
  const id = await due(db, 300, { missed: 'once', every_ms: 50_000 });
  await fireAll(db, guard);
  const seen = await outcomes(db, id);
  expect(seen.slice(0, 4)).toEqual(['missed', 'missed', 'missed', 'missed']);
  expect(seen.slice(4).every((outcome) => outcome === 'fired')).toBe(true);
  expect(seen.length).toBeGreaterThanOrEqual(7);
});

test('overlap: skip leaves fires out while a job has not ended', async ({ db }) => {
  const guard = await leadership(db.pool);
  const id = await due(db, 2, { overlap: 'skip' });
  await fireAll(db, guard);
  const before = await outcomes(db, id);
  expect(before[0]).toBe('fired');
  expect(before.slice(1).every((outcome) => outcome === 'overlap')).toBe(true);
  const [job] = await claim(db.pool);
  await finish(db.pool, aFinish(job as { id: string; fence: number }));
  await db.pool.query(`update schedule set next_at = next_at - interval '1 second'`);
  await db.pool.query(`delete from schedule_fire where fire_at = (select next_at from schedule)`);
  await fireAll(db, guard);
  expect((await outcomes(db, id)).filter((outcome) => outcome === 'fired')).toHaveLength(2);
});

test('overlap: queue runs them one after another, also when several try to', async ({ db }) => {
  const guard = await leadership(db.pool);
  const id = await due(db, 2, { overlap: 'queue' });
  await fireAll(db, guard);
  await db.pool.query('update schedule set next_at = null');
  const fires = (await outcomes(db, id)).length;
  expect(fires).toBeGreaterThanOrEqual(3);
  for (let run = 1; run <= fires; run++) {
    expect((await outcomes(db, id)).filter((outcome) => outcome === 'fired')).toHaveLength(run);
    expect(await fireWaiting(db.pool, guard)).toMatchObject({ count: 0 });
    const [job] = await claim(db.pool, { count: 5 });
    await finish(db.pool, aFinish(job as { id: string; fence: number }));
    await Promise.all([1, 2, 3, 4].map(() => fireWaiting(db.pool, guard)));
  }
  expect(await outcomes(db, id)).toEqual(Array(fires).fill('fired'));
});

test('a job that the database refuses, and a zone that is not known, do not stop other schedules', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  const refused = await due(db, 0.5, { name: 'refused', max_retries: 101 });
  const lost = await due(db, 0.4, {
    name: 'lost',
    cron: '* * * * *',
    every_ms: null,
    timezone: 'Mars/Olympus',
  });
  const good = await due(db, 0.3, { name: 'good' });
  await fireAll(db, guard);
  expect((await listFires(db.pool, refused, 1))[0]).toMatchObject({
    outcome: 'failed',
    error: expect.stringContaining('retry_range'),
  });
  expect((await listFires(db.pool, lost, 1))[0]).toMatchObject({ outcome: 'failed' });
  expect(await outcomes(db, good)).toContain('fired');
});

test('run now submits also while paused and while a job runs; old decisions are forgotten', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  const id = await due(db, -60, { paused: true, overlap: 'skip' });
  const [one, two] = [await runNow(db.pool, id), await runNow(db.pool, id)];
  expect([one?.by_hand, one?.outcome, two?.outcome]).toEqual([true, 'fired', 'fired']);
  expect(one?.job_id).not.toBe(two?.job_id);
  await db.pool.query(`update schedule_fire set fire_at = fire_at - interval '31 days' where job_id = $1`, [
    one?.job_id,
  ]);
  await forgetFires(db.pool, guard);
  expect(await listFires(db.pool, id, 10)).toHaveLength(1);
});

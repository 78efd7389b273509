import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { aFinish, claim, finish, submitted } from '../../test/jobs.ts';
import { settled } from '../../test/settled.ts';
import { type Client, type Pool, transaction } from '../db/connect.ts';
import { lockPosition, readOn } from './follow-logs.ts';

/** A follower's step; empty when there is nothing, or when another process follows now. */
async function followLogs(client: Client, name: string, limit: number) {
  const before = await lockPosition(client, name);
  return before ? readOn(client, name, before, limit) : [];
}

/** Ids of the jobs that the follower's next step sees. */
const follow = async (pool: Pool, name = 'reader', limit = 100) =>
  (await transaction(pool, (client) => followLogs(client, name, limit))).map((log) => log.job_id);

async function runJobs(pool: Pool, count: number) {
  await submitted(pool, ...Array.from({ length: count }, () => ({})));
  const claimed = await claim(pool, { count });
  for (const job of claimed) await finish(pool, aFinish(job));
  await settled(pool);
  return claimed.map((job) => job.id);
}

test('every follower sees every attempt once, in batches', async ({ db }) => {
  const ran = await runJobs(db.pool, 5);

  const batches = [];
  for (let n = 0; n < 4; n++) batches.push(await follow(db.pool, 'reader', 2));
  expect(batches.map((batch) => batch.length)).toEqual([2, 2, 1, 0]);
  expect(batches.flat()).toEqual(ran);
  expect(await follow(db.pool, 'other')).toEqual(ran);
});

test('an attempt whose transaction commits late is not skipped', async ({ db }) => {
  await submitted(db.pool, {}, {});
  const [early, late] = await claim(db.pool, { count: 2 });
  const open = await db.pool.connect();
  try {
    await open.query('begin');
    await open.query('select pg_current_xact_id()');
    await finish(db.pool, aFinish(early as never));
    // The open transaction is older than the one that committed: both have to wait.
    expect(await follow(db.pool)).toEqual([]);
    await finish(open as never, aFinish(late as never));
    await open.query('commit');
  } finally {
    open.release(true);
  }
  await settled(db.pool);
  expect(await follow(db.pool)).toEqual([late?.id, early?.id]);
});

test('a second process does not wait for the one that follows now', async ({ db }) => {
  const [id] = await runJobs(db.pool, 1);
  await transaction(db.pool, (client) => followLogs(client, 'reader', 0));
  const busy = await db.pool.connect();
  try {
    await busy.query('begin');
    expect((await followLogs(busy, 'reader', 100)).map((log) => log.job_id)).toEqual([id]);
    expect(await follow(db.pool)).toEqual([]);
    await busy.query('rollback');
  } finally {
    busy.release(true);
  }
  // What was rolled back was not used: it comes again.
  expect(await follow(db.pool)).toEqual([id]);
});

import { expect } from 'vitest';
import { aWorker } from '../../test/a-worker.ts';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { submitted } from '../../test/jobs.ts';

test('an idle worker finds jobs that nobody announced', async ({ db }) => {
  const ran: unknown[] = [];
  const worker = aWorker(db.pool, { noop: ({ n }) => ran.push(n) });
  await worker.start();

  // One after another, so that the worker is idle before each.
  for (let n = 1; n <= 3; n++) {
    await submitted(db.pool, { payload: { n } });
    await eventually(() => ran.length === n, { timeoutMs: 5_000 });
  }
  await worker.stop(1_000);

  expect(ran).toEqual([1, 2, 3]);
});

test('a wake-up that comes while a claim is under way is not lost', async ({ db }) => {
  // Claims wait in their update, with their jobs picked, for as long as somebody holds the advisory lock.
  await db.pool.query(`
    create function wait_for_test() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(4711);
      return new;
    end $$;
    create trigger wait_for_test before update on job_live for each row execute function wait_for_test();`);
  const ran: unknown[] = [];
  let endFirst = () => {};
  const first = new Promise<void>((resolve) => {
    endFirst = resolve;
  });
  const worker = aWorker(
    db.pool,
    { noop: ({ n }) => (ran.push(n), n === 1 ? first : undefined) },
    { pollMs: 600_000 },
  );
  await worker.start();
  const holder = await db.pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock(4711)');
    await submitted(db.pool, { payload: { n: 1 } });
    worker.wake();
    await eventually(async () => {
      const waiting = `select from pg_locks where locktype = 'advisory' and objid = 4711 and not granted`;
      return (await db.pool.query(waiting)).rowCount === 1;
    });
    await submitted(db.pool, { payload: { n: 2 } });
    worker.wake();
  } finally {
    await holder.query('commit');
    holder.release();
  }

  // The first goes on: its end would be a reason to look again.
  await eventually(() => ran.length === 2, { timeoutMs: 5_000 });
  endFirst();
  await worker.stop(1_000);
  expect(ran).toEqual([1, 2]);
});

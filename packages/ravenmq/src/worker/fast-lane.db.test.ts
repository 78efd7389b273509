import { expect } from 'vitest';
import { aWorker } from '../../test/a-worker.ts';
import { eventually } from '../../test/eventually.ts';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { acme, submitted } from '../../test/jobs.ts';

const many = <T>(count: number, job: T): T[] => Array.from({ length: count }, () => job);

/** Long jobs wait until they are let go; short ones end at once. */
async function busy({ pool }: TestDatabase, fastLane: { slots: number; lendAfterMs: number }) {
  await pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     values ($1, 'short', '', 5, 5, 5, 1), ($1, 'long', '', 60000, 60000, 60000, 1)`,
    [acme],
  );
  // The long ones first, whatever their length.
  await pool.query(`insert into queue (name, policy) values ('default', 'fifo')`);
  let running = 0;
  let most = 0;
  let short = 0;
  const ends: (() => void)[] = [];
  const worker = aWorker(
    pool,
    {
      short: () => void short++,
      long: async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => ends.push(resolve));
        running--;
      },
    },
    { slots: 3, fastLane: { ...fastLane, underMs: 1_000 } },
  );
  return {
    worker,
    counts: () => ({ running, most, short }),
    endOne: () => ends.shift()?.(),
    async stop() {
      const stopped = worker.stop(5_000);
      await eventually(() => (ends.shift()?.(), running === 0));
      await stopped;
    },
  };
}

test('long jobs leave the kept slots free, and a short one behind all of them starts at once', async ({
  db,
}) => {
  await using busyWorker = disposable(await busy(db, { slots: 1, lendAfterMs: 60_000 }));
  const { worker, counts } = busyWorker;
  await submitted(db.pool, ...many(20, { type: 'long' }));
  await worker.start();
  await eventually(() => counts().running === 2);

  for (let n = 1; n <= 5; n++) {
    await submitted(db.pool, { type: 'short' });
    worker.wake();
    await eventually(() => counts().short === n);
  }

  expect(counts().most).toBe(2);
});

test('kept slots that no short job asks for are lent, and the next that comes free goes to a short one', async ({
  db,
}) => {
  await using busyWorker = disposable(await busy(db, { slots: 1, lendAfterMs: 100 }));
  const { worker, counts, endOne } = busyWorker;
  await submitted(db.pool, ...many(20, { type: 'long' }));
  await worker.start();
  await eventually(() => counts().running === 3);
  await submitted(db.pool, { type: 'short' });

  // Looks for short jobs among long ones are rationed: a slot that comes free before the next one is lent again.
  await eventually(() => (endOne(), counts().short === 1), { everyMs: 100 });
  expect(counts().most).toBe(3);
});

function disposable<T extends { stop(): Promise<void> }>(what: T): T & AsyncDisposable {
  return Object.assign(what, { [Symbol.asyncDispose]: () => what.stop() });
}

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

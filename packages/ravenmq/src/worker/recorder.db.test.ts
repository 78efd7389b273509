import { expect } from 'vitest';
import { aWorker } from '../../test/a-worker.ts';
import { eventually } from '../../test/eventually.ts';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { submitted } from '../../test/jobs.ts';
import { getJob } from '../jobs/list.ts';
import { readLog, readMetrics, readProgress } from '../jobs/reports.ts';
import { silentLogger } from '../log.ts';
import type { Handler } from './attempt.ts';
import { createRecorder } from './recorder.ts';

/** Runs one job to its end on a worker of its own; answers its id. */
async function ran(
  db: TestDatabase,
  handler: Handler,
  options = {},
  secrets: string[] = [],
): Promise<string> {
  const [job] = await submitted(db.pool, { type: 'told', ...options });
  const id = job?.id as string;
  const worker = aWorker(db.pool, { told: handler }, { secrets });
  await worker.start();
  try {
    await eventually(async () => (await getJob(db.pool, id))?.finished_at);
  } finally {
    await worker.stop(1_000);
  }
  return id;
}

const messages = async (db: TestDatabase, id: string) =>
  (await readLog(db.pool, id, 0, 20_000)).map((line) => line.message);

test('everything a job told is on record when its end is', async ({ db }) => {
  const [job] = await submitted(db.pool, { type: 'told' });
  const id = job?.id as string;
  const worker = aWorker(db.pool, {
    told: async ({ n = 3 }, { log, metric }) => {
      for (let line = 1; line <= Number(n); line++) log(`line ${line}`);
      metric('loss', 1, 0.5);
      metric('loss', 1, 0.25);
      metric('loss', 2, Number.NaN);
      return 'done';
    },
  });
  await worker.start();
  const lines = await eventually(async () => {
    const row = await getJob(db.pool, id);
    return row?.status === 'done' ? await readLog(db.pool, id, 0, 10) : undefined;
  });
  expect(lines).toMatchObject([1, 2, 3].map((n) => ({ message: `line ${n}`, attempt: 1, level: 'info' })));
  expect(await readLog(db.pool, id, lines[1]?.seq as number, 10)).toEqual([lines[2]]);
  expect(await readMetrics(db.pool, id, 10)).toMatchObject([{ name: 'loss', step: 1, value: 0.25 }]);
  await worker.stop(1_000);
});

test('a handler that ends at once may log too', async ({ db }) => {
  const id = await ran(db, (_payload, { log, attempt }) => log(`attempt ${attempt}`, 'warn'));
  expect(await messages(db, id)).toEqual(['attempt 1']);
});

test('lines of a later attempt come behind, and a stale attempt does not turn progress back', async ({
  db,
}) => {
  const [job] = await submitted(db.pool, {});
  const { id: jobId, tenant_id: tenantId } = job as { id: string; tenant_id: string };
  const recorder = createRecorder(db.pool, silentLogger);
  const [first, second] = [1, 2].map((n) => recorder.open({ jobId, tenantId, fence: n, attempt: n }));
  second?.log('second');
  second?.progress(0.2);
  await recorder.flush();
  first?.log('first');
  first?.progress(0.9);
  await recorder.flush();
  expect(await messages(db, jobId)).toEqual(['first', 'second']);
  expect((await readProgress(db.pool, [jobId])).get(jobId)?.share).toBe(0.2);
});

test('what a terminal would obey, control characters and secrets are taken out', async ({ db }) => {
  const secret = 'hunter2-canary';
  const id = await ran(
    db,
    async (_payload, { log }) => {
      log(`\u001b[31mred\u001b[0m \u001b]0;title\u0007and ${secret}\0!\u0008\r\nnext\tline \ud800`);
    },
    {},
    [secret, 'abc'],
  );
  expect(await messages(db, id)).toEqual(['red and ***!', 'next\tline \ufffd']);
});

test('a log that never ends is cut with a word', async ({ db }) => {
  const id = await ran(db, async (_payload, { log }) => {
    log('x'.repeat(10_000));
    for (let n = 0; n < 12_000; n++) log('again');
  });
  const told = await messages(db, id);
  expect(told[0]).toHaveLength(4_006);
  expect(told).toHaveLength(10_001);
  expect(told.at(-1)).toContain('has reached its limit');
}, 30_000);

test('progress is seen while the job runs, and belongs to its tenant', async ({ db }) => {
  const [job] = await submitted(db.pool, { type: 'told' });
  const id = job?.id as string;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const worker = aWorker(db.pool, {
    told: async (_payload, { progress }) => {
      progress(0.1, 'first');
      progress(1.7, 'second');
      await ended;
    },
  });
  await worker.start();
  const shown = await eventually(async () => (await readProgress(db.pool, [id])).get(id));
  expect(shown).toMatchObject({ share: 1, note: 'second' });
  end();
  await eventually(async () => (await getJob(db.pool, id))?.status === 'done');
  await worker.stop(1_000);
});

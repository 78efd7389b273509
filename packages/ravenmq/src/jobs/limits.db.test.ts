import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import {
  acme,
  aFinish,
  claim,
  expireLeases,
  finish,
  globex,
  leadership,
  submitted,
} from '../../test/jobs.ts';
import { cancelJob } from './cancel.ts';
import { keyScope, openGates, queueScope, setLimit, tenantScope } from './limits.ts';
import { reclaimExpired } from './reclaim.ts';

const many = (count: number, job = {}) => Array.from({ length: count }, () => job);

test('a limited queue runs no more than its limit, and others are not held up', async ({ db }) => {
  await setLimit(db.pool, queueScope('small'), 2);
  await submitted(db.pool, ...many(5, { queue: 'small' }), ...many(2, { queue: 'free' }));
  await openGates(db.pool);

  const claimed = await claim(db.pool, { count: 10 });

  expect(claimed.filter((job) => job.queue === 'small')).toHaveLength(2);
  expect(claimed.filter((job) => job.queue === 'free')).toHaveLength(2);
  const [first] = claimed.filter((job) => job.queue === 'small');
  await finish(db.pool, aFinish(first as never));
  expect((await openGates(db.pool)).count).toBe(1);
  expect(await claim(db.pool, { count: 10 })).toHaveLength(1);
});

test('a job runs only when all of its limits have room: queue, organization and key', async ({ db }) => {
  await setLimit(db.pool, queueScope('q'), 3);
  await setLimit(db.pool, tenantScope(acme), 2);
  await setLimit(db.pool, keyScope(acme, 'disk'), 1);
  await submitted(db.pool, ...many(3, { queue: 'q', concurrencyKey: 'disk' }), ...many(3, { queue: 'q' }));
  await submitted(db.pool, ...many(3, { queue: 'q', orgId: globex, concurrencyKey: 'disk' }));
  await openGates(db.pool);

  const claimed = await claim(db.pool, { count: 20 });

  const of = (tenant: string) => claimed.filter((job) => job.tenant_id === tenant);
  expect(claimed).toHaveLength(3);
  expect(of(acme).length).toBeLessThanOrEqual(2);
  expect(of(globex).length).toBeGreaterThanOrEqual(1);
  const keyed = await db.pool.query(
    `select count(*) from job_live where status = 'running' and tenant_id = $1 and concurrency_key = 'disk'`,
    [acme],
  );
  expect(keyed.rows[0].count).toBe(1);
});

test('a limit set while jobs wait and run counts those that run', async ({ db }) => {
  await submitted(db.pool, ...many(6, { queue: 'q' }));
  const running = await claim(db.pool, { count: 3 });

  await setLimit(db.pool, queueScope('q'), 2);
  expect(await claim(db.pool, { count: 10 })).toEqual([]);
  await finish(db.pool, aFinish(running[0] as never));
  await openGates(db.pool);
  expect(await claim(db.pool, { count: 10 })).toEqual([]);
  await finish(db.pool, aFinish(running[1] as never));
  await openGates(db.pool);
  expect(await claim(db.pool, { count: 10 })).toHaveLength(1);
});

test('raising a limit opens gates; lifting it opens all', async ({ db }) => {
  await setLimit(db.pool, queueScope('q'), 1);
  await submitted(db.pool, ...many(6, { queue: 'q' }));
  await openGates(db.pool);
  expect(await claim(db.pool, { count: 10 })).toHaveLength(1);

  await setLimit(db.pool, queueScope('q'), 3);
  expect(await claim(db.pool, { count: 10 })).toHaveLength(2);
  await setLimit(db.pool, queueScope('q'), null);
  expect(await claim(db.pool, { count: 10 })).toHaveLength(3);
});

test('slots come back when a job is cancelled or its worker dies for good', async ({ db }) => {
  const guard = await leadership(db.pool);
  await setLimit(db.pool, queueScope('q'), 1);
  const [first] = await submitted(db.pool, { queue: 'q' }, { queue: 'q', maxRetries: 0 }, { queue: 'q' });
  await openGates(db.pool);
  await cancelJob(db.pool, first?.id as string);
  await openGates(db.pool);
  expect(await claim(db.pool, { count: 10 })).toHaveLength(1);

  await expireLeases(db.pool);
  await reclaimExpired(db.pool, guard, 100);
  await openGates(db.pool);

  expect(await claim(db.pool, { count: 10 })).toHaveLength(1);
  const { rows } = await db.pool.query('select count(*) from slot where job_id is not null');
  expect(rows[0].count).toBe(1);
});

test('a limit of one holds under concurrent claimers, finishers and gate openers', async ({ db }) => {
  await setLimit(db.pool, keyScope(acme, 'one'), 1);
  await submitted(db.pool, ...many(60, { concurrencyKey: 'one' }));
  let running = 0;
  let most = 0;
  let ended = 0;

  await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      while (ended < 60) {
        await openGates(db.pool);
        const claimed = await claim(db.pool, { count: 5, workerId: `worker-${n}` });
        running += claimed.length;
        most = Math.max(most, running);
        for (const job of claimed) {
          running--;
          await finish(db.pool, aFinish(job));
          ended++;
        }
      }
    }),
  );

  expect(most).toBe(1);
  expect(ended).toBe(60);
});

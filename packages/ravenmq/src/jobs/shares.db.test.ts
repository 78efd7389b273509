import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, leadership, submitted } from '../../test/jobs.ts';
import { seeded } from '../predictor/net/random.ts';
import { changeQueue, pauseEverything } from './queues.ts';
import { changeShare } from './shares.ts';
import { advanceClocks, foldCharges, tendLanes } from './turns.ts';

const many = (count: number, job = {}) => Array.from({ length: count }, () => job);
const organization = (n: number) => `00000000-0000-4000-8000-0000000000${10 + n}`;

test('ten organizations get the slots’ time by their weights, whatever their jobs take', async ({ db }) => {
  const guard = await leadership(db.pool);
  const random = seeded(3);
  const weights = [1, 1, 1, 1, 2, 2, 2, 4, 4, 4];
  for (const [n, weight] of weights.entries()) {
    await changeShare(db.pool, organization(n), { weight });
    await submitted(db.pool, ...many(400, { orgId: organization(n) }));
  }
  // Predicted to take 3 s all of them; they take what they take, each organization's otherwise.
  const given = weights.map(() => 0);
  for (let round = 0; round < 300; round++) {
    const claimed = await claim(db.pool, { count: 4 });
    const finishes = claimed.map((job) => {
      const n = Number(job.tenant_id.slice(-2)) - 10;
      const runtimeMs = (100 + 60 * n) * (0.5 + random());
      given[n] = (given[n] as number) + runtimeMs;
      return aFinish(job, { runtimeMs });
    });
    await finish(db.pool, ...finishes);
    await foldCharges(db.pool, guard);
    await advanceClocks(db.pool, guard);
  }

  const all = given.reduce((sum, ms) => sum + ms, 0);
  const weight = weights.reduce((sum, each) => sum + each, 0);
  given.forEach((ms, n) => {
    expect(ms / all / ((weights[n] as number) / weight), `share of ${n}`).toBeCloseTo(1, 1);
  });
});

test('a weight holds for lanes that are there and for those that come', async ({ db }) => {
  await submitted(db.pool, {});
  await changeShare(db.pool, acme, { weight: 3 });
  await submitted(db.pool, { queue: 'another' }, { orgId: globex });

  const { rows } = await db.pool.query('select queue, tenant_id, weight from turn order by queue, tenant_id');
  expect(rows).toEqual([
    { queue: 'another', tenant_id: acme, weight: 3 },
    { queue: 'default', tenant_id: acme, weight: 3 },
    { queue: 'default', tenant_id: globex, weight: 1 },
  ]);
});

test('a paused organization starts nothing in any queue until it is resumed', async ({ db }) => {
  const guard = await leadership(db.pool);
  await submitted(db.pool, {}, { orgId: globex });
  await changeShare(db.pool, acme, { paused: true });
  await submitted(db.pool, { queue: 'another' });
  // A lane that was made by somebody who had not seen the pause.
  await db.pool.query(`update turn set paused = false where queue = 'another'`);
  await tendLanes(db.pool, guard);

  expect((await claim(db.pool, { count: 9 })).map((job) => job.tenant_id)).toEqual([globex]);
  await changeShare(db.pool, acme, { paused: false });
  expect(await claim(db.pool, { count: 9 })).toHaveLength(2);
});

test('with everything paused nothing starts, and what runs goes on', async ({ db }) => {
  const client = await db.pool.connect();
  await submitted(db.pool, {}, { queue: 'b' }, { queue: 'c' });
  const [running] = await claim(db.pool, { queues: ['default'] });
  await pauseEverything(client, true);

  expect(await claim(db.pool, { count: 9 })).toEqual([]);
  expect(await finish(db.pool, aFinish(running as never))).toEqual([]);
  await changeQueue(db.pool, 'b', { paused: true });
  await pauseEverything(client, false);
  client.release();

  expect(await claim(db.pool, { count: 9 })).toHaveLength(1);
});

import { expect } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, submitted } from '../../test/jobs.ts';
import { settled } from '../../test/settled.ts';
import { type Pool, transaction } from '../db/connect.ts';
import { changeChoice, rollBack } from '../models/choice.ts';
import { readPredictor } from '../models/state.ts';
import { saveVersion } from '../models/versions.ts';
import { batch, learnFromLogs, type Remembered } from './learn.ts';
import { runRefit } from './net/train.ts';
import { forgetOldVariants } from './publish.ts';
import { createTraining } from './training.ts';

interface Ran {
  name: string;
  runtimeMs: number;
  variant?: string;
  sizeHint?: number;
}

/**
 * Jobs of these series go through the engine, with the runtimes that are given, in this order; after every hundred
 * the predictor learns.
 */
async function ran(pool: Pool, runs: Ran[], remembered?: Remembered): Promise<void> {
  for (let from = 0; from < runs.length; from += 100) {
    const some = runs.slice(from, from + 100);
    const jobs = await submitted(pool, ...some.map(({ runtimeMs: _, ...job }) => ({ type: 'work', ...job })));
    const claimed = new Map((await claim(pool, { count: some.length })).map((job) => [job.id, job]));
    for (const [n, { id }] of jobs.entries()) {
      const held = claimed.get(id) as { id: string; fence: number };
      await finish(pool, aFinish(held, { runtimeMs: some[n]?.runtimeMs as number }));
    }
    await settled(pool);
    if (remembered) await learnAll(pool, remembered);
  }
}

/** Everything that ended is learned, and the nets trained where it is time. */
async function learnAll(pool: Pool, remembered: Remembered): Promise<void> {
  const train = createTraining(pool, remembered, async (refit) => runRefit(refit));
  while ((await learnFromLogs(pool, remembered)) > 0) await train(new AbortController().signal);
  await train(new AbortController().signal);
}

const estimates = async (pool: Pool): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await pool.query(`select name, variant, p50_ms from estimate where name <> ''`)).rows.map((row) => [
      row.variant === '' ? row.name : `${row.name}/${row.variant}`,
      row.p50_ms,
    ]),
  );

test('estimates follow four drifting series, a challenger is promoted by measured gain, and all recovers', {
  timeout: 120_000,
}, async ({ db }) => {
  const remembered: Remembered = { predictorId: 'one' };
  const names = ['a', 'b', 'c', 'd'];
  // Runtimes that alternate between two levels: the last run says more than any mean.
  const level = (n: number, step: number, drift: number) =>
    1_000 * 4 ** n * drift * (Math.floor(step / 20) % 2 ? 6 : 1) * (1 + 0.05 * Math.sin(step * 7));
  const runs = (steps: number, drift: number) =>
    Array.from({ length: steps * 4 }, (_, k) => ({
      name: names[k % 4] as string,
      runtimeMs: level(k % 4, k >> 2, drift),
    }));

  await ran(db.pool, runs(125, 1), remembered);
  const settledAt = await estimates(db.pool);
  const { report, events, versions } = await readPredictor(db.pool);
  expect(report?.runs).toBe(500);
  expect(versions.length).toBeGreaterThan(0);
  const promoted = events.find((event) => event.kind === 'promoted');
  expect(promoted).toMatchObject({ before: 'shrunk-mean' });
  const champion = report?.champions.logError as string;
  expect(champion).not.toBe('shrunk-mean');
  const scores = report?.candidates ?? {};
  expect(scores[champion]?.logError).toBeLessThan((scores['shrunk-mean']?.logError as number) * 0.97);

  await ran(db.pool, runs(20, 8), remembered);
  const drifted = await estimates(db.pool);
  for (const name of names)
    expect((drifted[name] as number) / level(names.indexOf(name), 19, 8)).toBeGreaterThan(0.6);

  await ran(db.pool, runs(20, 1), remembered);
  const back = await estimates(db.pool);
  for (const name of names) {
    const truth = level(names.indexOf(name), 19, 1);
    expect((back[name] as number) / truth).toBeGreaterThan(0.6);
    expect((back[name] as number) / truth).toBeLessThan(1.7);
  }
  expect(Object.keys(settledAt).sort()).toEqual(names);
});

test('a predictor that takes over goes on where the last one stopped', async ({ db }) => {
  const runs = (count: number) => Array.from({ length: count }, () => ({ name: 'a', runtimeMs: 500 }));
  await ran(db.pool, runs(60));
  const first: Remembered = { predictorId: 'first' };
  await learnAll(db.pool, first);
  await ran(db.pool, runs(40));

  const second: Remembered = { predictorId: 'second' };
  expect(await learnFromLogs(db.pool, second)).toBe(0);
  await db.pool.query(`update predictor_memory set leads_until = now()`);
  expect(await learnFromLogs(db.pool, second)).toBe(40);

  expect(second.memory?.history.levels({ ...aJob, name: 'a' })[2]?.stat.samples).toBe(100);
  expect((await readPredictor(db.pool)).report?.runs).toBe(100);
  const { rows } = await db.pool.query(`select samples from series_stat where name = 'a'`);
  expect(rows).toEqual([{ samples: 100 }]);
  // The first has lost its place, and what it remembers is not what is stored.
  await ran(db.pool, runs(5));
  expect(await learnFromLogs(db.pool, first)).toBe(0);
});

const aJob = {
  tenant: acme,
  user: '',
  type: 'work',
  variant: '',
  sizeHint: undefined,
  requestedMs: undefined,
  readyAtMs: Date.now(),
  attempt: 1,
  previousOutcome: undefined,
};

test('variants have estimates of their own, and the series keeps one', async ({ db }) => {
  const runs = Array.from({ length: 40 }, (_, n) => ({
    name: 'build',
    variant: n % 2 ? 'debug' : 'release',
    runtimeMs: n % 2 ? 1_000 : 9_000,
  }));
  await ran(db.pool, runs);
  await learnAll(db.pool, { predictorId: 'one' });

  const known = await estimates(db.pool);

  expect(known['build/debug']).toBeLessThan(1_600);
  expect(known['build/release']).toBeGreaterThan(5_500);
  expect(known.build).toBeGreaterThan(1_000);
});

test('a series keeps the estimates of its latest variants only', async ({ db }) => {
  const variants = ['v1', 'v2', 'v3', 'v4'];
  for (const variant of variants) {
    await ran(db.pool, [{ name: 'build', variant, runtimeMs: 500 }]);
    await learnAll(db.pool, { predictorId: 'one' });
  }
  const level = { tenantId: acme, type: 'work', name: 'build' };
  const published = { level, variant: 'v4', samples: 0, estimate: { p50Ms: 1, p90Ms: 1, meanMs: 1 } };

  await transaction(db.pool, (client) => forgetOldVariants(client, [published], 2));

  expect(Object.keys(await estimates(db.pool)).sort()).toEqual(['build', 'build/v3', 'build/v4']);
});

test('an estimate that moved makes the leader walk the tenant’s waiting jobs', async ({ db }) => {
  await ran(db.pool, [{ name: 'a', runtimeMs: 90_000 }]);
  await learnAll(db.pool, { predictorId: 'one' });

  const { rows } = await db.pool.query('select tenant_id from rerank');
  expect(rows).toEqual([{ tenant_id: acme }]);
});

test('what people choose is followed: off, a fixed candidate, an earlier version, and back', async ({
  db,
}) => {
  const remembered: Remembered = { predictorId: 'one' };
  await ran(
    db.pool,
    Array.from({ length: 30 }, (_, n) => ({ name: 'a', runtimeMs: 100 + n })),
  );
  await learnAll(db.pool, remembered);
  const net = remembered.memory?.nets[1];
  const first = new Float32Array(net?.weights.length ?? 0).fill(0.01);
  const version = (weights: Float32Array) =>
    saveVersion(db.pool, { candidate: 'lstm', samples: 1, tookMs: 1, weights, losses: [1], metrics: {} });
  const older = await version(first);
  await version(first.map(() => 0.02));
  const champions = () => remembered.memory?.champion.championsOf();

  await changeChoice(db.pool, { mode: 'fixed', candidate: 'lstm', userId: null });
  await learnFromLogs(db.pool, remembered);
  expect(champions()).toEqual({ misorder: 'lstm', logError: 'lstm' });
  expect(net?.weights[0]).toBeCloseTo(0.02);

  expect(await rollBack(db.pool, 'lstm', null)).toBe(older);
  await learnFromLogs(db.pool, remembered);
  expect(net?.weights[0]).toBeCloseTo(0.01);

  await changeChoice(db.pool, { mode: 'off', userId: null });
  await learnFromLogs(db.pool, remembered);
  expect(champions()).toEqual({ misorder: 'shrunk-mean', logError: 'shrunk-mean' });

  await changeChoice(db.pool, { mode: 'auto', userId: null });
  await learnFromLogs(db.pool, remembered);
  const { choice, events } = await readPredictor(db.pool);
  expect(choice.mode).toBe('auto');
  expect(events.map((event) => event.kind).slice(0, 4)).toEqual(['released', 'off', 'fixed', 'fixed']);
  await expect(
    changeChoice(db.pool, { mode: 'fixed', candidate: 'lstm', version: 999, userId: null }),
  ).rejects.toThrow('lstm has no version 999.');
});

test('a batch of many runs counts every one, although the candidates see a part of them', async ({ db }) => {
  await db.pool.query(
    `insert into job_history (id, tenant_id, queue, type, name, payload, status, priority, weight,
       predicted_runtime_ms, predicted_p90_ms, predicted_mean_ms, rank, ready_at, fence, retry_count, max_retries,
       crash_count, labels, outcome,
       runtime_ms, created_at, started_at, finished_at)
     select uuid7(), $1, 'default', 'work', 'many', '{}', 'done', 0.5, 1, 1, 1, 1, 1, now(), 1, 0, 3, 0, '{}', 'done', 250, now(),
       now(), now() from generate_series(1, $2)`,
    [acme, batch],
  );
  await settled(db.pool);
  const remembered: Remembered = { predictorId: 'one' };

  await eventually(async () => (await learnFromLogs(db.pool, remembered)) === 0);

  const { rows } = await db.pool.query(`select samples from series_stat where name = 'many'`);
  expect(rows).toEqual([{ samples: batch }]);
  expect((await estimates(db.pool)).many).toBeCloseTo(250, -1);
});

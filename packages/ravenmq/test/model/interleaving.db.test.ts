/**
 * Claimers, finishers, a leader and a person at once, on small sets of jobs: the interleavings are PostgreSQL's, the
 * actions come from a seed (RAVENMQ_MODEL_SEED repeats them). What each was told must fit what is on record. There is
 * a round for every fourth sequence of the model check (RAVENMQ_MODEL_RUNS).
 */
import { expect } from 'vitest';
import type { Pool } from '../../src/db/connect.ts';
import { keyScope, setLimit } from '../../src/jobs/limits.ts';
import { test } from '../fixtures.ts';
import { acme, globex, leadership, submitted } from '../jobs.ts';
import { cancelSome, changeLimit, type Dice, lead, type Told, work, workOff } from './actors.ts';
import { violations } from './invariants.ts';
import { type Observed, observe } from './observe.ts';
import { reset } from './reset.ts';

const rounds = Number(process.env.RAVENMQ_MODEL_RUNS ?? 200) / 4;
const steps = 15;
const timeout = 60_000 + rounds * 1_000;
const seed = Number(process.env.RAVENMQ_MODEL_SEED ?? Date.now() & 0x7fffffff);
const limit = 2;
const scope = keyScope(acme, 'disk');

test('whatever interleaves, every job ends once and every answer is true', { timeout }, async ({ db }) => {
  await play(db.pool, 0);
});

test('the same while limits change', { timeout }, async ({ db }) => {
  await play(db.pool, 4);
});

async function play(pool: Pool, limitChanges: number): Promise<void> {
  console.info(`interleaving: seed ${seed}, ${rounds} rounds`);
  const guard = await leadership(pool);
  for (let round = 0; round < rounds; round++) {
    await reset(pool);
    await setLimit(pool, scope, limit);
    const dice = (actor: number) => diceOf(seed + round * 1_000 + actor);
    const jobs = await submitted(pool, ...Array.from({ length: 12 }, (_, n) => aSmallJob(n)));
    const told: Told = { claimed: [], finished: [] };

    let over = false;
    const watching = watch(pool, () => over);
    await Promise.all([
      ...['w1', 'w2', 'w3'].map((worker, n) => work(pool, worker, steps, dice(n), told)),
      lead(pool, guard, steps, dice(3)),
      cancelSome(
        pool,
        jobs.map((job) => job.id),
        2,
        dice(4),
      ),
      changeLimit(pool, scope, limit, limitChanges, dice(5)),
    ]).finally(() => {
      over = true;
    });
    expect(await watching, 'most jobs at once under the limit').toBeLessThanOrEqual(limit);
    expect(violations(await observe(pool)), `round ${round}`).toEqual([]);

    await workOff(pool, guard, told);
    const end = await observe(pool);
    expect(violations(end), `round ${round}`).toEqual([]);
    expect(end.jobs.map((job) => job.id).toSorted()).toEqual(jobs.map((job) => job.id).toSorted());
    checkAnswers(end, told);
  }
}

function aSmallJob(n: number) {
  return {
    orgId: n % 3 === 0 ? globex : acme,
    queue: n % 4 === 0 ? 'b' : 'a',
    type: n % 2 === 0 ? 'short' : 'long',
    concurrencyKey: n % 2 === 0 ? 'disk' : null,
    maxRetries: n % 3,
  };
}

/** The most jobs that were seen to run under the limit at the same time. */
async function watch(pool: Pool, isOver: () => boolean): Promise<number> {
  let most = 0;
  while (!isOver()) {
    const { rows } = await pool.query(
      `select count(*) from job_live where status = 'running' and concurrency_key = 'disk' and tenant_id = $1`,
      [acme],
    );
    most = Math.max(most, rows[0].count);
  }
  return most;
}

function checkAnswers({ jobs }: Observed, { claimed, finished }: Told): void {
  const told = (list: Told['claimed'], id: string) =>
    list
      .filter((claim) => claim.id === id)
      .map((claim) => claim.fence)
      .toSorted((a, b) => a - b);
  for (const job of jobs) {
    // Every claim raised the fence by one, and nobody else was told the same.
    expect(told(claimed, job.id)).toEqual(Array.from({ length: job.fence }, (_, n) => n + 1));
    const accepted = told(finished, job.id);
    expect(accepted).toHaveLength(job.status === 'done' ? 1 : 0);
    const done = job.attempts.filter((attempt) => attempt.endsWith(':done'));
    expect(done).toEqual(accepted.map((fence) => `${fence}:done`));
  }
}

/** Mulberry32. */
function diceOf(seed: number): Dice {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

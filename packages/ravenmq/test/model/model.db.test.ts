/**
 * Random sequences of commands on a real PostgreSQL against a small model.
 *
 * RAVENMQ_MODEL_RUNS sets how many (200 by default). A failure prints `seed`, `path` and `replayPath`: run again with
 * RAVENMQ_MODEL_SEED, RAVENMQ_MODEL_PATH and RAVENMQ_MODEL_REPLAY set to them to get the shrunk sequence at once.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { test } from '../fixtures.ts';
import { leadership } from '../jobs.ts';
import { Model } from './model.ts';
import { reset } from './reset.ts';
import { commandSequences } from './sequences.ts';

const runs = Number(process.env.RAVENMQ_MODEL_RUNS ?? 200);
const seed = Number(process.env.RAVENMQ_MODEL_SEED ?? Date.now() & 0x7fffffff);
const path = process.env.RAVENMQ_MODEL_PATH;
const length = 100;

test('the engine does what the model does', { timeout: 60_000 + runs * 1_000 }, async ({ db }) => {
  console.info(`model check: seed ${seed}, ${runs} sequences`);
  let commands = 0;
  const guard = await leadership(db.pool);
  await fc.assert(
    fc.asyncProperty(commandSequences(length, process.env.RAVENMQ_MODEL_REPLAY), async (sequence) => {
      await reset(db.pool);
      const model = new Model();
      await fc.asyncModelRun(() => ({ model, real: { pool: db.pool, guard } }), sequence);
      commands += [...sequence].length;
    }),
    { numRuns: runs, seed, ...(path === undefined ? {} : { path }) },
  );
  console.info(`model check: ${commands} commands`);
  expect(commands).toBeGreaterThan(runs);
});

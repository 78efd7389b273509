/** `ravenmq model` as an operator uses it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { saveVersion } from '../../src/models/versions.ts';
import { learnFromLogs } from '../../src/predictor/learn.ts';
import { type TestDatabase, test } from '../fixtures.ts';
import { aFinish, claim, finish, submitted } from '../jobs.ts';
import { settled } from '../settled.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Exit code and everything that was printed. */
function model(db: TestDatabase, ...args: string[]): Promise<{ code: number; text: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: db.url, RAVENMQ_SCHEMA: db.schema };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'model', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    );
  });
}

test('an operator sees who predicts, fixes a candidate, rolls it back and lets go again', async ({ db }) => {
  expect((await model(db, 'status')).text).toContain('Nothing has been learned yet.');
  expect(await model(db, 'promote', 'lstm')).toMatchObject({
    code: 1,
    text: expect.stringContaining('Nothing has been learned yet'),
  });
  await submitted(db.pool, {}, {});
  for (const job of await claim(db.pool, { count: 2 })) await finish(db.pool, aFinish(job));
  await settled(db.pool);
  await learnFromLogs(db.pool);
  const version = () =>
    saveVersion(db.pool, {
      ...{
        candidate: 'lstm',
        samples: 9,
        tookMs: 1_500,
        weights: new Float32Array(2),
        losses: [1],
        metrics: {},
      },
    });
  const [older, newer] = [await version(), await version()];

  const evaluated = (await model(db, 'evaluate')).text;
  expect(evaluated).toMatch(/candidate +misorder +log error +MAPE +within p90/);
  expect(evaluated).toMatch(/lstm +0\.\d+/);
  expect((await model(db, 'promote', 'lstm', String(newer))).text).toContain('lstm predicts.');
  expect((await model(db, 'status')).text).toContain(`Fixed by hand: lstm, version ${newer}.`);
  expect((await model(db, 'rollback', 'lstm')).text).toContain(`lstm predicts with version ${older}.`);
  expect(await model(db, 'rollback', 'lstm')).toMatchObject({
    code: 1,
    text: expect.stringContaining('lstm has no earlier version to go back to.'),
  });
  expect((await model(db, 'promote', 'oracle')).text).toContain('There is no candidate oracle; there are');
  expect((await model(db, 'train')).code).toBe(0);
  expect((await model(db, 'off')).code).toBe(0);
  expect((await model(db, 'status')).text).toContain('Learning is off');
  expect((await model(db, 'auto')).code).toBe(0);
  expect((await model(db, 'status')).text).toContain('Measured gain decides.');
});

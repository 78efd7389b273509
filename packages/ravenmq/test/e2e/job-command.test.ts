/** `ravenmq job` as an operator uses it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type TestDatabase, test } from '../fixtures.ts';
import { leadership, submitted } from '../jobs.ts';
import { aliveWorker, planned } from '../planned.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

function explain(db: TestDatabase, ...args: string[]): Promise<{ code: number; text: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: db.url, RAVENMQ_SCHEMA: db.schema };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'job', 'explain', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    );
  });
}

test('an operator asks why a job does not run yet', async ({ db }) => {
  const guard = await leadership(db.pool);
  await aliveWorker(db.pool);
  const [, second] = await submitted(db.pool, { name: 'first' }, { name: 'second' });
  const id = second?.id as string;
  await planned(db.pool, guard);

  const { code, text } = await explain(db, id);
  expect(code).toBe(0);
  expect(text).toMatch(/^Position [12] of 2\. Expected to start in /);
  expect(text).toMatch(/start-by +\S+: 10 x 3 s \/ weight 1 after it was ready/);
  expect(text).toMatch(/> [12] +second/);
  expect(JSON.parse((await explain(db, id, '--json')).text)).toMatchObject({ job_id: id, waiting: 2 });
  expect(await explain(db, 'x')).toMatchObject({ code: 1, text: expect.stringContaining('x is no job id') });
  expect(
    await explain(
      db,
      id.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ),
  ).toMatchObject({
    code: 1,
    text: expect.stringContaining('There is no job'),
  });
});

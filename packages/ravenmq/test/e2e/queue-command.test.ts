/** `ravenmq queue`, `org`, `limit`, `pause` and `resume` as an operator uses them. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type TestDatabase, test } from '../fixtures.ts';
import { claim, submitted } from '../jobs.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Exit code and everything that was printed. */
function ravenmq(db: TestDatabase, line: string): Promise<{ code: number; text: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: db.url, RAVENMQ_SCHEMA: db.schema };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...line.split(' ')], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
    );
  });
}

test('an operator orders, limits, pauses and resumes, sees it, and it is on record', async ({ db }) => {
  const say = async (line: string) => (await ravenmq(db, line)).text.trim();
  const { rows } = await db.pool.query(`insert into organizations (name) values ('acme') returning id`);
  const orgId = rows[0].id as string;
  await submitted(db.pool, { orgId }, { orgId, concurrencyKey: 'disk' }, { orgId, concurrencyKey: 'disk' });

  expect(await say('queue policy default shortest')).toBe('Queue default is ordered by shortest.');
  expect(await say('queue promise default 20m')).toBe('Queue default promises 20m.');
  expect(await say('limit key acme disk --running 1 --starts 100/m --burst 5')).toContain('are in force');
  expect(await say('queue limit default --running 9')).toBe('The limits of queue default are in force.');
  expect(await say('org weight acme 3')).toBe('acme has weight 3.');
  expect(await say('queue list')).toMatch(/default +shortest +on +9 +- +- +3 +0 +0$/m);
  expect(await say('limit list')).toMatch(/key +acme disk +1 +1 +1\.67\/s +5 +1$/m);

  expect(await say('pause')).toContain('Everything is paused');
  expect(await say('queue list')).toContain('all paused');
  expect(await claim(db.pool, { count: 9 })).toEqual([]);
  await say('resume');
  await say('org pause acme');
  expect(await claim(db.pool, { count: 9 })).toEqual([]);
  await say('org resume acme');
  await say('queue pause default');
  expect(await claim(db.pool, { count: 9 })).toEqual([]);
  await say('queue resume default');
  expect(await claim(db.pool, { count: 9 })).toHaveLength(2);

  const audit = await db.pool.query('select action, request_id from audit');
  expect(audit.rows).toHaveLength(11);
  expect(audit.rows.every((row) => row.request_id === 'command line')).toBe(true);
});

test('what cannot be done is said, and what can be', async ({ db }) => {
  const refused = async (line: string) => {
    const { code, text } = await ravenmq(db, line);
    expect(code, line).toBe(1);
    return text;
  };
  expect(await refused('queue policy default lifo')).toContain('fifo, priority, shortest, adaptive');
  expect(await refused('queue limit default --starts fast')).toContain('10/s, 100/m or 500/h');
  expect(await refused('queue limit default')).toContain('Say what to limit');
  expect(await refused('org weight nobody 2')).toContain('No organization is named nobody.');
  expect((await ravenmq(db, 'limit list')).text).toBe('There are no limits.\n');
});

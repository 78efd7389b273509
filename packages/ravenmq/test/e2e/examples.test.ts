/** What the documentation shows runs: the examples, and the demo on real work. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type System, startSystem } from './system.ts';

const run = promisify(execFile);
const path = (name: string) => fileURLToPath(new URL(`../../../../${name}`, import.meta.url));
const main = path('packages/ravenmq/src/cli/main.ts');

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const node = async (...args: string[]) => {
  const env = {
    ...process.env,
    DATABASE_URL: system.databaseUrl,
    RAVENMQ_SCHEMA: system.schema,
    RAVENMQ_URL: system.baseUrl,
  };
  return (await run(process.execPath, args, { env })).stdout;
};

test('the examples of the library', async () => {
  expect(await node(main, 'org', 'create', 'acme')).toContain('Made organization acme');
  expect(await node(main, 'org', 'create', 'acme')).toContain('exists');
  expect(await node(path('examples/hello.ts'))).toBe(
    'hello world, attempt 1\nhello hello one, attempt 1\nhello two, attempt 1\n',
  );
  expect(await node(path('examples/transaction.ts'))).toBe('after rollback: 0 jobs\nafter commit: 1 job\n');
  expect(await node(path('examples/exactly-once.ts'))).toBe('{ booked: 5 }\n{ bookings: 1 }\n');
});

test('the demo: two organizations, real work, every job ends as it should', async () => {
  const output = await node(main, 'demo');

  expect(output).toContain('Every job ended as it should.');
  expect(output.match(/^Round \d: \d+ jobs on 4 slots/gm)).toHaveLength(2);
  expect(output.match(/^ {2}(acme|globex)-\w+ +(etl|http|ml|shell) /gm)).toHaveLength(16);
  expect(output.match(/^Mean wait .* first come, first served/gm)).toHaveLength(2);
});

/** The whole system with only its listener and its leader in sessions of their own. */
import { expect, inject, onTestFinished } from 'vitest';
import { test } from '../fixtures.ts';
import { startPooler } from '../pooler/pooler.ts';
import { echoJob, register, run } from './api-client.ts';
import { startRole } from './processes.ts';
import { startSystem } from './system.ts';

async function pooledUrl(): Promise<string> {
  const pooler = await startPooler({ url: inject('directUrl'), size: 6, startupSettings: 'refuse' });
  onTestFinished(() => pooler.close());
  return pooler.url;
}

test('jobs run, and wake their worker, behind a transaction pooler', async () => {
  const system = await startSystem({
    DATABASE_URL: await pooledUrl(),
    DATABASE_DIRECT_URL: inject('directUrl'),
    // Only a notification can be faster.
    RAVENMQ_POLL_MS: '30000',
  });
  onTestFinished(() => system.stop());
  const user = await register(system);
  await run(user, echoJob('first'));
  const began = performance.now();
  const job = await run(user, echoJob('second'));

  expect(job.status).toBe('done');
  expect(performance.now() - began).toBeLessThan(5_000);
});

test.for(['scheduler', 'worker'])('a %s does not start on a pooled address alone', async (role, { db }) => {
  const process = startRole(role, db, { DATABASE_URL: await pooledUrl() });
  const code = await new Promise((resolve) => process.child.once('exit', resolve));

  expect(code).toBe(1);
  expect(process.log.join('\n')).toContain('set DATABASE_DIRECT_URL to the address of PostgreSQL itself');
});

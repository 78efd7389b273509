/**
 * The database tests behind a transaction pooler: the one in this folder, or the real one at RAVENMQ_TEST_POOLER_URL,
 * which leads to the server at RAVENMQ_TEST_DATABASE_URL.
 */
import type { TestProject } from 'vitest/node';
import { startTestServer } from '../global-setup.ts';
import { startPooler } from './pooler.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer();
  project.provide('directUrl', server.url);
  const given = process.env.RAVENMQ_TEST_POOLER_URL;
  if (given) {
    project.provide('databaseUrl', given);
    return () => server.stop();
  }
  const pooler = await startPooler({ url: server.url, size: 30, startupSettings: 'refuse' });
  project.provide('databaseUrl', pooler.url);
  return async () => {
    await pooler.close();
    await server.stop();
  };
}

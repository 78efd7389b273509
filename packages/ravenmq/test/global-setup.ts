/** One real PostgreSQL for all tests of a run; every test makes its own schema in it. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts';
import { silentLogger } from '../src/log.ts';

export interface TestServer {
  url: string;
  stop(): Promise<void>;
}

/** The server at RAVENMQ_TEST_DATABASE_URL, else an embedded one in a folder of its own. */
export async function startTestServer(): Promise<TestServer> {
  const given = process.env.RAVENMQ_TEST_DATABASE_URL;
  if (given) return { url: given, async stop() {} };
  const dataDir = await mkdtemp(join(tmpdir(), 'ravenmq-test-'));
  // The server's own user, for tests that run as root, must get through.
  await chmod(dataDir, 0o711);
  const server = await startEmbeddedPostgres({
    dataDir,
    log: silentLogger,
    // Nothing here outlives a crash; the fault harness has a server of its own that does.
    settings: ['max_connections=400', 'fsync=off', 'full_page_writes=off'],
  });
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer();
  project.provide('databaseUrl', server.url);
  project.provide('directUrl', server.url);
  return () => server.stop();
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** What the engine's pools connect to: behind a transaction pooler in the project `pooled`. */
    databaseUrl: string;
    /** PostgreSQL itself. */
    directUrl: string;
  }
}

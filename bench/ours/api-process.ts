/** An API process for the benchmark, as `ravenmq api` runs it, and a key for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { transaction } from '../../packages/ravenmq/src/db/connect.ts';
import { freePort } from '../../packages/ravenmq/src/embedded/server-process.ts';
import { createApiKey } from '../../packages/ravenmq/src/tenants/api-keys.ts';
import { pools, schema } from './database.ts';

const main = fileURLToPath(new URL('../../packages/ravenmq/src/cli/main.ts', import.meta.url));

export async function startApi(
  databaseUrl: string,
): Promise<{ url: string; key: string; stop(): Promise<void> }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [main, 'api'], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      RAVENMQ_SCHEMA: schema,
      RAVENMQ_JWT_SECRET: 'only for the benchmark, and longer than 32 characters',
      RAVENMQ_PORT: String(port),
      RAVENMQ_LOG_LEVEL: 'error',
      RAVENMQ_REQUESTS_PER_MINUTE: '100000000',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await answering(url, child);
  return {
    url,
    key: await keyOfNewUser(databaseUrl),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The API did not start; it says why above.');
}

async function keyOfNewUser(databaseUrl: string): Promise<string> {
  const pool = pools(databaseUrl, 1);
  const made = await transaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into users (username, password_hash, role, org_id)
       values ('bench', '', 'user', (select id from organizations limit 1)) returning id`,
    );
    const userId = rows[0]?.id as string;
    return createApiKey(client, { userId, orgId: null, requestId: null }, 'bench');
  });
  await pool.end();
  return made.key;
}

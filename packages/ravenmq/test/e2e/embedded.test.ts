/** The embedded server under the treatment it gets on people's machines. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gone, query, start, stop } from './embedded-process.ts';

describe('the embedded PostgreSQL', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ravenmq embedded '));
    await chmod(folder, 0o711);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('starts without a locale or a home, and keeps its data over stops and kills of its parent', async () => {
    const dataDir = join(folder, 'data');
    let running = await start(dataDir, { env: { PATH: process.env.PATH ?? '' } });
    expect(running.url).toContain('@127.0.0.1:');
    await query(running.url, 'create table t (n int)');
    for (let round = 1; round <= 3; round++) {
      await query(running.url, `insert into t values (${round})`);
      running.child.kill('SIGKILL');
      const before = running.pid;
      running = await start(dataDir);
      expect(running.pid).not.toBe(before);
      expect(await query(running.url, 'select count(*)::int as n from t')).toEqual([{ n: round }]);
    }
    await stop(running);
    running = await start(dataDir);
    expect(await query(running.url, 'select count(*)::int as n from t')).toEqual([{ n: 3 }]);
    running.child.kill('SIGKILL');
    // Nobody starts it again: the watchdog ends the server.
    await gone(running.pid);
  });

  test('starts although a part of the killed server hangs', async () => {
    const dataDir = join(folder, 'orphan');
    const killed = await start(dataDir);
    const client = new pg.Client({ connectionString: killed.url });
    client.on('error', () => {});
    await client.connect();
    const hanging = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]
      ?.pid as number;
    process.kill(hanging, 'SIGSTOP');
    process.kill(killed.pid, 'SIGKILL');
    killed.child.kill('SIGKILL');
    await gone(killed.pid);

    const running = await start(dataDir);

    await gone(hanging);
    expect(await query(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await client.end().catch(() => {});
    await stop(running);
  });

  test('refuses a folder that is in use, and a folder of another PostgreSQL version, and says what to do', async () => {
    const dataDir = join(folder, 'used');
    const running = await start(dataDir);
    await expect(start(dataDir)).rejects.toThrow('already runs on');
    await stop(running);

    const version = join(dataDir, 'postgres', 'PG_VERSION');
    await writeFile(version, '15\n');
    await expect(start(dataDir)).rejects.toThrow('were made by PostgreSQL 15');
  });

  test('says what the log says when the server does not start', async () => {
    const dataDir = join(folder, 'misconfigured');
    await expect(start(dataDir, { settings: ['no_such_setting=1'] })).rejects.toThrow(
      'unrecognized configuration parameter "no_such_setting"',
    );
  });

  test('needs a password', async () => {
    const dataDir = join(folder, 'password');
    const running = await start(dataDir);
    const url = running.url.replace(/:[^:@/]+@/, ':wrong@');
    await expect(query(url, 'select 1')).rejects.toThrow('password authentication failed');
    await stop(running);

    const password = join(dataDir, 'postgres-password');
    const kept = await readFile(password, 'utf8');
    await rm(password);
    await expect(start(dataDir)).rejects.toThrow('put it back');
    await writeFile(password, kept);
    await stop(await start(dataDir));
  });
});

/** The embedded server under the treatment it gets on people's machines. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from '../../src/embedded/process.ts';
import { eventually } from '../eventually.ts';

const program = fileURLToPath(new URL('./embedded-main.ts', import.meta.url));
const asRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

interface Started {
  child: ChildProcess;
  url: string;
  pid: number;
}

async function start(
  dataDir: string,
  options: { env?: Record<string, string>; uid?: number; gid?: number } = {},
) {
  const child = spawn(process.execPath, [program, dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: options.env ?? process.env,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const line = await eventually(
    () => {
      if (child.exitCode !== null) throw new Error(output);
      return /started (\S+) (\d+)/.exec(output);
    },
    { timeoutMs: 30_000 },
  );
  return { child, url: line[1] as string, pid: Number(line[2]) } satisfies Started;
}

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const gone = (pid: number) => eventually(() => !isAlive(pid), { timeoutMs: 20_000 });

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
    running.child.kill('SIGTERM');
    await gone(running.pid);
    running = await start(dataDir);
    expect(await query(running.url, 'select count(*)::int as n from t')).toEqual([{ n: 3 }]);
    running.child.kill('SIGKILL');
    // Nobody starts it again: the watchdog ends the server.
    await gone(running.pid);
  });

  test('refuses a folder that is in use, and a folder of another PostgreSQL version, and says what to do', async () => {
    const dataDir = join(folder, 'used');
    const running = await start(dataDir);
    await expect(start(dataDir)).rejects.toThrow('already runs on');
    running.child.kill('SIGTERM');
    await gone(running.pid);

    const version = join(dataDir, 'postgres', 'PG_VERSION');
    await writeFile(version, '15\n');
    await expect(start(dataDir)).rejects.toThrow('were made by PostgreSQL 15');
  });

  test('needs a password', async () => {
    const running = await start(join(folder, 'password'));
    const url = running.url.replace(/:[^:@/]+@/, ':wrong@');
    await expect(query(url, 'select 1')).rejects.toThrow('password authentication failed');
    running.child.kill('SIGTERM');
    await gone(running.pid);
  });

  test.runIf(asRoot)(
    'started by root it runs as another user, also under a folder closed to that user',
    async () => {
      const closed = join(folder, 'closed');
      await mkdir(closed, { mode: 0o700 });
      const dataDir = join(closed, 'data');
      const running = await start(dataDir);
      const status = await readFile(`/proc/${running.pid}/status`, 'utf8');
      expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0');
      const [{ data_directory: placed }] = await query(running.url, 'show data_directory');
      expect(await readFile(join(dataDir, 'postgres-data-folder.txt'), 'utf8')).toContain(placed);
      await query(running.url, 'create table kept ()');
      running.child.kill('SIGTERM');
      await gone(running.pid);
      // Deleting the data folder starts anew; what lies elsewhere is put aside, not opened.
      await rm(dataDir, { recursive: true });
      const anew = await start(dataDir);
      expect(await query(anew.url, `select to_regclass('kept') as kept`)).toEqual([{ kept: null }]);
      anew.child.kill('SIGTERM');
      await gone(anew.pid);
      for (const name of await readdir(dirname(placed))) {
        if (name.startsWith(basename(placed))) await rm(join(dirname(placed), name), { recursive: true });
      }
    },
  );

  test.runIf(asRoot)('runs for an ordinary user whose home is read-only', async () => {
    const home = await mkdtemp(join(tmpdir(), 'ravenmq-home-'));
    await chmod(home, 0o555);
    const dataDir = join(folder, 'ordinary');
    await mkdir(dataDir);
    await chown(dataDir, nobody.uid, nobody.gid);
    const running = await start(dataDir, { ...nobody, env: { PATH: process.env.PATH ?? '', HOME: home } });
    expect(await query(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    running.child.kill('SIGTERM');
    await gone(running.pid);
    await rm(home, { recursive: true });
  });
});

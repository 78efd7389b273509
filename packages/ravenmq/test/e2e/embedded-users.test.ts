/** Who the embedded server runs as, and that changing users never costs data. Only root can play all the parts. */
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { query, start, stop } from './embedded-process.ts';

const asRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

async function userOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
}

describe.runIf(asRoot)('the embedded PostgreSQL and users', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ravenmq users '));
    await chmod(folder, 0o711);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A data folder that belongs to an ordinary user. */
  async function ordinaryFolder(name: string): Promise<string> {
    const dataDir = join(folder, name);
    await mkdir(dataDir);
    await chown(dataDir, nobody.uid, nobody.gid);
    return dataDir;
  }

  test('runs for an ordinary user whose home is read-only', async () => {
    const home = await mkdtemp(join(tmpdir(), 'ravenmq-home-'));
    await chmod(home, 0o555);
    const dataDir = await ordinaryFolder('ordinary');
    const running = await start(dataDir, { ...nobody, env: { PATH: process.env.PATH ?? '', HOME: home } });
    expect(await query(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await stop(running);
    await rm(home, { recursive: true });
  });

  test("root opens an ordinary user's data as that user, who can go on with them afterwards", async () => {
    const dataDir = await ordinaryFolder('both');
    const mine = await start(dataDir, nobody);
    await query(mine.url, 'create table kept ()');
    await stop(mine);

    const byRoot = await start(dataDir);
    expect(await userOf(byRoot.pid)).toBe(nobody.uid);
    await query(byRoot.url, 'select from kept');
    await stop(byRoot);

    const again = await start(dataDir, nobody);
    await query(again.url, 'select from kept');
    await stop(again);
  });

  test("an ordinary user who meets root's data is told what to do", async () => {
    const dataDir = await ordinaryFolder('by root');
    await stop(await start(dataDir));
    await expect(start(dataDir, nobody)).rejects.toThrow('belong to another user');
    await chown(dataDir, 0, 0);
    await expect(start(dataDir, nobody)).rejects.toThrow('cannot be made or written');
  });

  test('started by root under a closed folder, data lie elsewhere and are found again', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const dataDir = join(closed, 'data');
    const first = await start(dataDir);
    expect(await userOf(first.pid)).not.toBe(0);
    const placed = (await query(first.url, 'show data_directory'))[0]?.data_directory as string;
    expect(await readFile(join(dataDir, 'postgres-data-folder.txt'), 'utf8')).toContain(placed);
    await query(first.url, 'create table kept ()');
    await stop(first);

    // The folder is moved; then the way to it is opened.
    const moved = join(closed, 'moved');
    await rename(dataDir, moved);
    const second = await start(moved);
    await query(second.url, 'select from kept');
    await stop(second);
    await chmod(closed, 0o755);
    const third = await start(moved);
    await query(third.url, 'select from kept');
    await stop(third);
    await chmod(closed, 0o700);

    // A new folder of the old name starts anew and leaves the old data alone.
    const anew = await start(dataDir);
    expect(await query(anew.url, `select to_regclass('kept') as kept`)).toEqual([{ kept: null }]);
    await stop(anew);
    expect((await stat(placed)).isDirectory()).toBe(true);
    const fourth = await start(moved);
    await query(fourth.url, 'select from kept');
    await stop(fourth);

    for (const name of await readdir(dirname(placed))) {
      if (name.startsWith(basename(placed))) await rm(join(dirname(placed), name), { recursive: true });
    }
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ravenmq-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a second holder is refused until the first lets go', async () => {
  const first = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(`process ${process.pid}`);
  first.unlock();
  (await lockFolder(folder)).unlock();
});

test('a holder that died, or whose id another process has now, locks nobody out', async () => {
  for (const left of ['999999999 a-start', `${process.pid} another-start`, '']) {
    writeFileSync(join(folder, 'ravenmq.pid'), left);
    (await lockFolder(folder)).unlock();
  }
});

test('of several processes that find a dead holder at the same time one gets the lock', async () => {
  writeFileSync(join(folder, 'ravenmq.pid'), '999999999 a-start');
  const script = `
    const { lockFolder } = await import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)});
    await new Promise((done) => setTimeout(done, ${Date.now() + 1_500} - Date.now()));
    const held = await lockFolder(${JSON.stringify(folder)}).then(() => true, () => false);
    console.log(held);
    setTimeout(() => {}, 1_000);`;
  const answers = await Promise.all(
    Array.from({ length: 6 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]),
    ),
  );
  expect(answers.filter(({ stdout }) => stdout.trim() === 'true')).toHaveLength(1);
});

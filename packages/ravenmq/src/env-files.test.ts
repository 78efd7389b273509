import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from './config.ts';
import { withFiles } from './env-files.ts';

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ravenmq-env-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'value');
  await writeFile(file, text);
  return file;
}

test('a setting may come from a file, without its last line end', async () => {
  const file = await fileWith('postgres://app:a b@db/app\n');
  expect(readConfig(withFiles({ DATABASE_URL_FILE: file })).databaseUrl).toBe('postgres://app:a b@db/app');
  expect(readConfig(withFiles({ RAVENMQ_SLOTS_FILE: await fileWith('7\r\n') })).slots).toBe(7);
});

test('what is no setting is left alone', () => {
  expect(withFiles({ OTHER_FILE: '/nowhere', DATABASE_URL_FILE: '' })).toEqual({
    OTHER_FILE: '/nowhere',
    DATABASE_URL_FILE: '',
  });
});

test('files that cannot be used are all named', async () => {
  const empty = await fileWith('\n');
  const bad = {
    DATABASE_URL_FILE: '/nowhere/url',
    RAVENMQ_JWT_SECRET_FILE: empty,
    RAVENMQ_SLOTS: '3',
    RAVENMQ_SLOTS_FILE: empty,
  };
  for (const complaint of [
    /DATABASE_URL_FILE=\/nowhere\/url: ENOENT/,
    /RAVENMQ_JWT_SECRET_FILE=.*empty/,
    /RAVENMQ_SLOTS and RAVENMQ_SLOTS_FILE are both set/,
  ])
    expect(() => withFiles(bad)).toThrow(complaint);
});

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NonRetryable } from './outcome.ts';
import { createProgramFinder } from './shell-allow.ts';

const finder = (allow: string[]) => createProgramFinder(allow, 'RAVENMQ_SHELL_ALLOW');

const folder = mkdtempSync(join(tmpdir(), 'ravenmq-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a program is found by bare name or absolute path and must be on the list', async () => {
  const find = finder(['/bin/echo']);

  expect(await find('echo')).toBe(await find('/bin/echo'));
  await expect(find('/bin/sh')).rejects.toThrow(/\/sh is not allowed.*RAVENMQ_SHELL_ALLOW/);
  await expect(find('sh')).rejects.toThrow(NonRetryable);
});

test('a path in a spelling of its own is the same program', async () => {
  const find = finder(['/bin/echo']);

  expect(basename(await find('/bin/../bin//echo'))).toBe('echo');
  await expect(find('/bin/../bin/sh')).rejects.toThrow(/not allowed/);
});

test('a relative path is refused', async () => {
  const find = finder(['*']);

  await expect(find('./echo')).rejects.toThrow(/absolute path/);
  await expect(find('../bin/sh')).rejects.toThrow(/absolute path/);
});

test('neither a link with an allowed name nor one to an allowed program is allowed', async () => {
  symlinkSync('/bin/sh', join(folder, 'echo'));
  symlinkSync('/bin/echo', join(folder, 'alias'));
  const find = finder(['/bin/echo']);

  await expect(find(join(folder, 'echo'))).rejects.toThrow(/not allowed/);
  await expect(find(join(folder, 'alias'))).rejects.toThrow(/not allowed/);
});

test('many names for one file are told apart', async () => {
  writeFileSync(join(folder, 'box'), '#!/bin/sh\n', { mode: 0o755 });
  for (const name of ['list', 'run-anything']) symlinkSync(join(folder, 'box'), join(folder, name));
  const find = finder([join(folder, 'list')]);

  expect(basename(await find(join(folder, 'list')))).toBe('list');
  await expect(find(join(folder, 'run-anything'))).rejects.toThrow(/not allowed/);
  await expect(find(join(folder, 'box'))).rejects.toThrow(/not allowed/);
});

test('what is no program is told so', async () => {
  writeFileSync(join(folder, 'text'), 'x', { mode: 0o644 });
  const find = finder(['*']);

  for (const name of ['', 'no-such-program-x', '/no/such', folder, join(folder, 'text'), '/bin/echo\n']) {
    await expect(find(name)).rejects.toThrow(/no such program/);
  }
});

test('PATH of this process plays no part', async () => {
  writeFileSync(join(folder, 'shadow'), '#!/bin/sh\n', { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  try {
    await expect(finder(['*'])('shadow')).rejects.toThrow(/no such program/);
  } finally {
    process.env.PATH = before;
  }
});

test('an entry that is not absolute is refused at the start', () => {
  expect(() => finder(['echo'])).toThrow(/RAVENMQ_SHELL_ALLOW: echo/);
});

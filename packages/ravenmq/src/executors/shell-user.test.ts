import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findUser } from './shell-user.ts';

const folder = mkdtempSync(join(tmpdir(), 'ravenmq-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const passwd = join(folder, 'passwd');
writeFileSync(
  passwd,
  'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n# comment\njobs:x:812:813::/:/bin/false\nnobody:*:-2:-2::/:/x\n',
);

test('a user is found with its group', () => {
  expect(findUser('jobs', passwd)).toEqual({ uid: 812, gid: 813 });
});

test('root under any name is refused', () => {
  expect(() => findUser('root', passwd)).toThrow(/do not run as root/);
  expect(() => findUser('toor', passwd)).toThrow(/do not run as root/);
});

test('an unknown user is refused with what to do', () => {
  expect(() => findUser('ghost', passwd)).toThrow(/RAVENMQ_SHELL_USER=ghost: no such user .* Create it/);
  expect(() => findUser('', passwd)).toThrow(/no such user/);
  expect(() => findUser('nobody', passwd)).toThrow(/no such user/);
});

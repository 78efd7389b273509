import { constants, promises as fs, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { NonRetryable } from './outcome.ts';

export const shellPath = ['/usr/local/bin', '/usr/bin', '/bin'];

/**
 * Finds the program of a job and checks it against the list; answers its absolute path, throws NonRetryable.
 * A program is its name in its real directory. The last link is not followed on purpose: where many names lead to one
 * file (busybox), that file does what its name says, and allowing `ls` must not allow `sh`.
 */
export type FindProgram = (name: string) => Promise<string>;

/**
 * `allow` holds absolute paths, or `*` for any program; `setting` is where it comes from. Throws when an entry is
 * neither.
 */
export function createProgramFinder(allow: string[], setting: string): FindProgram {
  const any = allow.includes('*');
  const canonical = (entry: string) => canonicalSync(entry, setting);
  const allowed = new Set(allow.filter((entry) => entry !== '*').map(canonical));
  return async (name) => {
    const program = await locate(name);
    if (!any && !allowed.has(program)) {
      throw new NonRetryable(`${program} is not allowed. An operator can add it to ${setting}`);
    }
    return program;
  };
}

async function locate(name: string): Promise<string> {
  if (name.includes('/')) {
    if (!isAbsolute(name))
      throw new NonRetryable(`${name}: give a program as a bare name or an absolute path`);
    const program = await runnable(name);
    if (program === undefined) throw new NonRetryable(`${name}: no such program`);
    return program;
  }
  for (const folder of shellPath) {
    const program = name === '' ? undefined : await runnable(join(folder, name));
    if (program !== undefined) return program;
  }
  throw new NonRetryable(`${name || "''"}: no such program in ${shellPath.join(':')}`);
}

async function runnable(path: string): Promise<string | undefined> {
  try {
    await fs.access(path, constants.X_OK);
    if (!(await fs.stat(path)).isFile()) return undefined;
    return join(await fs.realpath(dirname(path)), basename(path));
  } catch {
    return undefined;
  }
}

function canonicalSync(entry: string, setting: string): string {
  if (!isAbsolute(entry)) {
    throw new Error(`${setting}: ${entry} is not an absolute path (or * for any program)`);
  }
  try {
    return join(realpathSync(dirname(entry)), basename(entry));
  } catch {
    // The program may be installed later; until then nothing matches.
    return entry;
  }
}

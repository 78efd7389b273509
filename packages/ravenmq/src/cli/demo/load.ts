/** The demo's work: real programs on real files of this repository, and calls to the running API. */
import { chmod, copyFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NewJob } from '@ravenmq/client';

export interface Planned {
  job: NewJob;
  /** How it has to end. */
  expect: 'done' | 'failed' | 'cancelled';
  /** Attempts that fail before the one that counts. */
  failures?: number;
}

export interface Files {
  folder: string;
  lock: string;
  sources: string;
  large: string;
}

/** Copies of real files where the programs' low-privileged user can read them. */
export async function copyFiles(): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'ravenmq-demo-'));
  await chmod(folder, 0o755);
  const files = {
    folder,
    lock: join(folder, 'package-lock.json'),
    sources: join(folder, 'sources.txt'),
    large: join(folder, 'large.txt'),
  };
  const here = fileURLToPath(new URL('../..', import.meta.url));
  const names = await readdir(here, { recursive: true });
  const sources = names.filter((name) => /\.(ts|sql)$/.test(name)).sort();
  const texts = await Promise.all(sources.map((name) => readFile(join(here, name), 'utf8')));
  await writeFile(files.sources, texts.join('\n'));
  await writeFile(files.large, Array(24).fill(texts.join('\n')).join('\n'));
  const lock = fileURLToPath(new URL('../../../../../package-lock.json', import.meta.url));
  await copyFile(lock, files.lock).catch(() => writeFile(files.lock, texts.join('\n')));
  for (const name of [files.lock, files.sources, files.large]) await chmod(name, 0o644);
  return files;
}

const shell = (name: string, script: string, more: Partial<NewJob> = {}): NewJob => ({
  name,
  type: 'shell',
  payload: { script },
  ...more,
});

/** One organization's load of a round, in the order of submission. */
export function planLoad(url: string, files: Files, scale: number): Planned[] {
  const { lock, sources, large } = files;
  const call = (name: string, path: string): NewJob => ({ name, type: 'http', payload: { url: url + path } });
  const some = (count: number, plan: () => Planned): Planned[] =>
    Array.from({ length: Math.max(1, Math.round(count * scale)) }, plan);
  const soon = () => new Date(Date.now() + 3_000).toISOString();
  return [
    ...some(3, () => ({
      job: shell('archive', `gzip -9 -c '${large}' | wc -c; gzip -9 -c '${large}' | sha256sum`),
      expect: 'done',
    })),
    ...some(6, () => ({
      job: shell('sort', `sort '${large}' | uniq -c | sort -rn | head -n 5`),
      expect: 'done',
    })),
    ...some(10, () => ({ job: shell('compress', `gzip -9 -c '${sources}' | wc -c`), expect: 'done' })),
    ...some(12, () => ({ job: shell('checksum', `sha256sum '${lock}'`), expect: 'done' })),
    ...some(10, () => ({ job: call('health', '/health'), expect: 'done' })),
    ...some(6, () => ({ job: call('reference', '/openapi.json'), expect: 'done' })),
    ...some(3, () => ({ job: shell('later', `wc -l '${sources}'`, { run_at: soon() }), expect: 'done' })),
    {
      job: shell(
        'flaky',
        `[ "$RAVENMQ_ATTEMPT" -gt 1 ] || { echo 'not this time' >&2; exit 1; }; wc -w '${sources}'`,
      ),
      expect: 'done',
      failures: 1,
    },
    { job: shell('broken', 'echo "no such table" >&2; exit 3', { max_retries: 0 }), expect: 'failed' },
    {
      job: shell('unwanted', 'true', { run_at: new Date(Date.now() + 3_600_000).toISOString() }),
      expect: 'cancelled',
    },
  ];
}

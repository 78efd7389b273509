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

/** From the API's own description to a file: its paths, and how many operations each has. */
const paths = (url: string): NewJob => ({
  name: 'paths',
  type: 'etl',
  payload: {
    sources: { api: { url: `${url}/openapi.json` } },
    steps: [
      { name: 'paths', sql: 'create table path as select unnest(json_keys(paths::json)) as path from api' },
      {
        name: 'tags',
        sql: `create table tag as select split_part(path, '/', 2) as tag, count(*) as n from path group by tag`,
      },
    ],
    outputs: [{ file: 'demo/paths.csv', query: 'select * from tag order by n desc, tag' }],
    result: 'select * from tag order by n desc, tag limit 3',
  },
});

/** Learns how many words a line of so many characters has, by gradient descent; goes on from its checkpoint. */
const training = (file: string, epochs: number): NewJob => ({
  name: 'train',
  type: 'ml',
  payload: {
    argv: [
      '/bin/sh',
      '-c',
      `awk -v epochs=${epochs} '
        { x[NR] = length($0) / 100; y[NR] = NF / 10 }
        END {
          state = ENVIRON["RAVENMQ_CHECKPOINT_DIR"] "/state"
          if ((getline line < state) > 0) { split(line, s); step = s[1]; a = s[2]; b = s[3] }
          while (step < epochs) {
            loss = ga = gb = 0
            for (n = 1; n <= NR; n++) { e = a * x[n] + b - y[n]; loss += e * e; ga += e * x[n]; gb += e }
            a -= 0.5 * ga / NR; b -= 0.5 * gb / NR; step++
            printf "{\\"step\\": %d, \\"loss\\": %.6f, \\"progress\\": %.3f}\\n", step, loss / NR, step / epochs
            print step, a, b > (state ".new"); close(state ".new"); system("mv " state ".new " state)
          }
          printf "{\\"slope\\": %.4f, \\"offset\\": %.4f}\\n", a, b > (ENVIRON["RAVENMQ_ARTIFACT_DIR"] "/model.json")
        }' "$1"`,
      'train',
      file,
    ],
  },
});

/** One organization's load of a round, in the order of submission; `scale` multiplies the number of jobs. */
export function planLoad(url: string, files: Files, scale: number): Planned[] {
  const { lock, sources, large } = files;
  const call = (name: string, path: string): NewJob => ({ name, type: 'http', payload: { url: url + path } });
  const done = (count: number, job: NewJob): Planned[] =>
    Array.from({ length: Math.max(1, Math.round(count * scale)) }, () => ({ job, expect: 'done' }));
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
  const secondTry = `[ "$RAVENMQ_ATTEMPT" -gt 1 ] || { echo 'not this time' >&2; exit 1; }; wc -w '${sources}'`;
  const broken = shell('broken', 'echo "no such table" >&2; exit 3', { max_retries: 0 });
  const unwanted = shell('unwanted', 'true', { run_at: inSeconds(3_600) });
  return interleave([
    done(3, shell('archive', `gzip -9 -c '${large}' | wc -c; gzip -9 -c '${large}' | sha256sum`)),
    done(6, shell('sort', `sort '${large}' | uniq -c | sort -rn | head -n 5`)),
    done(10, shell('compress', `gzip -9 -c '${sources}' | wc -c`)),
    done(12, shell('checksum', `sha256sum '${lock}'`)),
    done(12, call('health', '/health')),
    done(6, call('reference', '/openapi.json')),
    done(4, paths(url)),
    done(3, training(sources, 12)),
    done(4, shell('later', `wc -l '${sources}'`, { run_at: inSeconds(3) })),
    [0, 1].map(() => ({ job: shell('flaky', secondTry), expect: 'done', failures: 1 })),
    [{ job: broken, expect: 'failed' }],
    [{ job: unwanted, expect: 'cancelled' }],
  ]);
}

/** Spreads each series evenly, so that the order of submission favours neither short nor long jobs. */
function interleave(series: Planned[][]): Planned[] {
  return series
    .flatMap((plans) => plans.map((plan, n) => ({ plan, at: (n + 0.5) / plans.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ plan }) => plan);
}

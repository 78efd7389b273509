/** Runs named tests through vitest in a copy of the tree, and says what became of each. */
import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mutant } from './mutants.ts';

export type NamedTest = Mutant['caughtBy'];

export interface Result {
  failed: boolean;
  /** The first line of what it failed with. */
  reason: string;
}

interface Report {
  testResults: {
    name: string;
    assertionResults: { title: string; status: string; failureMessages: string[] }[];
  }[];
}

/** Longest time of one run, in milliseconds. A mutant may make a test wait for ever. */
const longestRunMs = 180_000;

/**
 * The results of each of the tests, in their order; several where the name of one begins those of several, none where
 * it does not exist. All must be of one project.
 */
export async function runTests(folder: string, url: string, tests: NamedTest[]): Promise<Result[][]> {
  const report = join(folder, 'report.json');
  await rm(report, { force: true });
  const output = await runVitest(folder, url, [
    `--project=${tests[0]?.project}`,
    ...['--reporter=json', `--outputFile=${report}`, '--testNamePattern'],
    tests.map(({ test }) => test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
    ...new Set(tests.map(({ file }) => join('packages', 'ravenmq', file))),
  ]);
  const text = await readFile(report, 'utf8').catch(() => {
    throw new Error(`vitest wrote no report:\n${output.slice(-2_000)}`);
  });
  const { testResults } = JSON.parse(text) as Report;
  return tests.map(({ file, test }) =>
    testResults
      .filter((result) => result.name.endsWith(file))
      .flatMap((result) => result.assertionResults)
      .filter(({ title, status }) => title.startsWith(test) && ['passed', 'failed'].includes(status))
      .map(({ status, failureMessages }) => ({
        failed: status === 'failed',
        reason: failureMessages[0]?.split('\n')[0] ?? '',
      })),
  );
}

/** Answers what it printed. The group is ended as one, so that no test process stays behind. */
function runVitest(folder: string, url: string, args: string[]): Promise<string> {
  const program = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, 'run', ...args], {
      cwd: folder,
      env: { ...process.env, RAVENMQ_TEST_DATABASE_URL: url },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    const timer = setTimeout(() => endGroup(child.pid), longestRunMs);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      resolve(output);
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, expect, test } from 'vitest';
import { anAttempt } from './an-attempt.ts';
import { countMarked, newMark, untilMarked } from './marked-processes.ts';
import { createShellExecutor } from './shell.ts';
import { findLaunchTools, type LaunchTools } from './shell-launch.ts';

const isRoot = process.getuid?.() === 0;
const found = await findLaunchTools();

// A killed supervisor removes no folder, so its jobs get theirs inside one that this file removes.
const folder = mkdtempSync(join(tmpdir(), 'ravenmq-test-'));
chmodSync(folder, 0o711);
afterAll(() => rmSync(folder, { recursive: true }));

let supervisor: ChildProcess | undefined;
afterEach(() => supervisor?.kill('SIGKILL'));

/** Runs a script as a job of a process of its own; that process prints the result. */
function supervise(script: string, tools?: LaunchTools, env: Record<string, string> = {}) {
  const program = `
    import { anAttempt } from ${JSON.stringify(new URL('./an-attempt.ts', import.meta.url).href)};
    import { createShellExecutor } from ${JSON.stringify(new URL('./shell.ts', import.meta.url).href)};
    const run = createShellExecutor({ allow: ['*'], user: 'nobody', ...${JSON.stringify(tools ? { tools } : {})} });
    const signal = new AbortController().signal;
    const payload = ${JSON.stringify({ script })};
    const result = await run(anAttempt(payload, { signal }));
    console.log(JSON.stringify(result));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env, TMPDIR: folder },
  });
  supervisor = child;
  return child;
}

const doubleFork = (mark: string) => `setsid sh -c 'sleep ${mark} & sleep ${mark}' & sleep ${mark}`;

test.runIf(found.namespace)(
  'a program that leaves the process group does not survive an abort',
  async () => {
    const mark = newMark();
    const stop = new AbortController();
    const payload = { script: doubleFork(mark) };
    const execute = createShellExecutor({ allow: ['*'], user: 'nobody' });

    const running = execute(anAttempt(payload, { signal: stop.signal }));
    const ended = expect(running).rejects.toThrow(/stopped/);
    await untilMarked(mark, 3);
    stop.abort(new Error('lost'));

    await ended;
    expect(countMarked(mark)).toBe(0);
  },
  20_000,
);

test.runIf(found.namespace)(
  'nothing survives the death of the worker, double forks included',
  async () => {
    const mark = newMark();

    const child = supervise(doubleFork(mark));
    await untilMarked(mark, 3);
    child.kill('SIGKILL');

    await untilMarked(mark, 0, 5000);
  },
  20_000,
);

test.each<[string, LaunchTools]>([
  ['nothing but a shell', {}],
  ...(found.setpriv ? [['setpriv alone', { setpriv: found.setpriv }] as [string, LaunchTools]] : []),
])(
  'with %s the process group does not survive the death of the worker',
  async (_name, tools) => {
    const mark = newMark();

    const child = supervise(`sh -c 'sleep ${mark} & sleep ${mark}' & sleep ${mark}`, tools);
    await untilMarked(mark, 3);
    child.kill('SIGKILL');

    await untilMarked(mark, 0, 5000);
  },
  20_000,
);

// Without root and without a namespace the job has the worker's rights, and so may read what the worker may.
test.each<[string, LaunchTools | undefined, boolean]>([
  ['what this machine offers', undefined, isRoot || found.namespace !== undefined],
  ['nothing but a shell', {}, isRoot],
])(
  'with %s a job reads no secret of the worker, neither its own environment nor under /proc',
  async (...row) => {
    const [, tools, isKept] = row;
    if (!isKept) return;
    const script = `env; cat /proc/$PPID/environ /proc/*/environ 2>/dev/null | tr '\\000' '\\n'; echo end`;

    const child = supervise(script, tools, { DATABASE_URL: 'postgres://canary-7f3a' });
    const output = await text(child.stdout as NodeJS.ReadableStream);

    expect(output).toContain('end');
    expect(output).not.toContain('canary-7f3a');
  },
  20_000,
);

/**
 * Jobs of type `shell`: one program from the operator's list, run without a shell in between, under another user
 * when the worker is root, with an environment built from nothing and a private folder that is removed afterwards.
 * The attempt settles when the whole process group is gone, so the next attempt never runs beside this one.
 */
import type { ChildProcess } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { constants as os, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, Executor } from './executor.ts';
import { NonRetryable, ProgramFailed } from './outcome.ts';
import { describeProblems, type ShellPayload, shellPayload } from './payloads.ts';
import { groupEnds, signalGroup } from './process-group.ts';
import { createProgramFinder, shellPath } from './shell-allow.ts';
import { findLaunchTools, type LaunchTools, launch } from './shell-launch.ts';
import { collectOutput } from './shell-output.ts';
import { findUser } from './shell-user.ts';

const termGraceMs = 2_000;
const killWaitMs = 30_000;
// A process that left the group may hold the pipes open for ever.
const drainMs = 1_000;

export interface ShellOptions {
  /** Absolute paths of programs, or `*` for any. */
  allow: string[];
  /** Whom jobs run as when this process is root. */
  user: string;
  /** What this machine offers to contain a job; found by trying when absent. */
  tools?: LaunchTools;
}

export interface ShellResult {
  /** As a shell tells it: 128 + n when signal n ended the program. */
  exit_code: number;
  signal: string | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
  duration_ms: number;
}

/** Throws when the list or the user cannot be used. */
export function createShellExecutor({ allow, user: userName, tools }: ShellOptions): Executor {
  const findProgram = createProgramFinder(allow);
  const user = process.getuid?.() === 0 ? findUser(userName) : undefined;
  let known: Promise<LaunchTools> | undefined;

  return async (attempt) => {
    const parsed = shellPayload.safeParse(attempt.payload);
    if (!parsed.success) throw new NonRetryable(describeProblems(parsed.error).join('; '));
    const payload = parsed.data;
    // `--`: a script may begin with a dash.
    const [name = '', ...args] = payload.argv ?? ['/bin/sh', '-c', '--', payload.script ?? ''];
    const program = await findProgram(name);
    known ??= tools ? Promise.resolve(tools) : findLaunchTools();
    const found = await known;
    const folder = await fs.mkdtemp(join(tmpdir(), 'ravenmq-job-'));
    try {
      if (user) await fs.chown(folder, user.uid, user.gid);
      attempt.signal.throwIfAborted();
      const env = environment(attempt, payload, folder);
      const child = launch(found, { program, args, cwd: folder, env, user });
      return await follow(child, attempt, payload);
    } finally {
      await fs.rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}

function environment(attempt: Attempt, payload: ShellPayload, folder: string): Record<string, string> {
  return {
    LANG: 'C.UTF-8',
    ...payload.env,
    PATH: shellPath.join(':'),
    HOME: folder,
    TMPDIR: folder,
    RAVENMQ_JOB_ID: attempt.jobId,
    RAVENMQ_ATTEMPT: String(attempt.attempt),
    RAVENMQ_FENCE: String(attempt.fence),
  };
}

async function follow(child: ChildProcess, attempt: Attempt, payload: ShellPayload): Promise<ShellResult> {
  const startedAt = performance.now();
  const { stdin, stdout, stderr, pid } = child;
  if (pid === undefined || !stdin || !stdout || !stderr) {
    const [error] = await once(child, 'error');
    throw new Error(`the program could not be started: ${(error as Error).message}`, { cause: error });
  }
  child.on('error', () => {});
  const [out, err] = [collectOutput(stdout), collectOutput(stderr)];
  const ended = once(child, 'exit');
  const drained = once(child, 'close');
  // The program need not read its input.
  stdin.on('error', () => {}).end(payload.stdin);

  const deadline = AbortSignal.timeout(payload.timeout_ms);
  const stop = AbortSignal.any([attempt.signal, deadline]);
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const wasStopped = await Promise.race([ended.then(() => false), stopped.then(() => true)]);
  if (wasStopped && signalGroup(pid, 'SIGTERM')) await groupEnds(pid, termGraceMs);
  // Also after a normal end: what the program left running, and the watchdog.
  const gone = await groupEnds(pid, killWaitMs, 'SIGKILL');
  if (!gone) {
    throw new NonRetryable(
      `process group ${pid} still runs after SIGKILL; not retried, so that it runs only once`,
    );
  }
  const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  await Promise.race([drained, sleep(drainMs, undefined, { ref: false })]);
  for (const pipe of child.stdio) pipe?.destroy();

  const result = resultOf(code, signal, out.text(), err.text(), performance.now() - startedAt);
  if (wasStopped) {
    const why = attempt.signal.aborted
      ? `stopped: ${(attempt.signal.reason as Error | undefined)?.message ?? 'aborted'}`
      : `not finished within ${payload.timeout_ms} ms, its processes were killed`;
    throw new ProgramFailed(why, result, { cause: stop.reason });
  }
  if (result.exit_code !== 0) throw new ProgramFailed(describeExit(result), result);
  return result;
}

function resultOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  stdout: { text: string; truncated: boolean },
  stderr: { text: string; truncated: boolean },
  durationMs: number,
): ShellResult {
  const exitCode = code ?? 128 + (signal ? os.signals[signal] : 0);
  const named = Object.entries(os.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return {
    exit_code: exitCode,
    signal: signal ?? named ?? null,
    stdout: stdout.text,
    stderr: stderr.text,
    truncated: stdout.truncated || stderr.truncated,
    duration_ms: Math.round(durationMs),
  };
}

function describeExit({ exit_code, signal, stderr }: ShellResult): string {
  const lastLines = stderr.trimEnd().split('\n').slice(-5).join('\n').slice(-500);
  const how = signal ? `${exit_code} (${signal})` : String(exit_code);
  return lastLines === '' ? `exit code ${how}` : `exit code ${how}: ${lastLines}`;
}

function once(child: ChildProcess, event: 'error' | 'exit' | 'close'): Promise<unknown[]> {
  return new Promise((resolve) => {
    child.once(event, (...values: unknown[]) => resolve(values));
  });
}

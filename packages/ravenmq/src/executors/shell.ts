/**
 * Jobs of type `shell`: one program from the operator's list, run without a shell in between, under another user
 * when the worker is root, with an environment built from nothing and a private folder that is removed afterwards.
 * The attempt settles when the whole process group is gone, so the next attempt never runs beside this one.
 */
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attempt, Executor } from './executor.ts';
import { NonRetryable, ProgramFailed } from './outcome.ts';
import { describeProblems, type ShellPayload, shellPayload } from './payloads.ts';
import { describeExit, followProgram, type ProgramEnd } from './program.ts';
import { createProgramFinder, shellPath } from './shell-allow.ts';
import { findLaunchTools, type LaunchTools, launch } from './shell-launch.ts';
import { findUser } from './shell-user.ts';

const termGraceMs = 2_000;

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
  const findProgram = createProgramFinder(allow, 'RAVENMQ_SHELL_ALLOW');
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
      const end = await followProgram(child, {
        signal: attempt.signal,
        timeoutMs: payload.timeout_ms,
        graceMs: () => termGraceMs,
        stdin: payload.stdin,
        onLine: (line, stream) => attempt.log(line, stream === 'stdout' ? 'info' : 'warn'),
      });
      const result = resultOf(end);
      if (end.stopped !== undefined)
        throw new ProgramFailed(end.stopped, result, { cause: attempt.signal.reason });
      if (end.exitCode !== 0) throw new ProgramFailed(describeExit(end), result);
      return result;
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

function resultOf({ exitCode, signal, stdout, stderr, durationMs }: ProgramEnd): ShellResult {
  return {
    exit_code: exitCode,
    signal,
    stdout: stdout.text,
    stderr: stderr.text,
    truncated: stdout.truncated || stderr.truncated,
    duration_ms: durationMs,
  };
}

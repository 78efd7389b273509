/**
 * Jobs of type `ml`: a training run, one program from the operator's list under the limits of shell jobs, with a folder
 * for its checkpoints that the next attempt finds again. It tells numbers in JSON lines on standard output. When it has
 * to stop it gets SIGTERM and time for a last checkpoint; a run whose lease was lost gets none, since another attempt
 * may already be reading.
 */
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Attempt, Executor } from './executor.ts';
import { type Artifact, forgetRuns, openRunFolder, type RunFolder, readArtifacts } from './ml-folder.ts';
import { reportLine } from './ml-lines.ts';
import { type MlPayload, mlPayload } from './ml-payload.ts';
import { NonRetryable, ProgramFailed } from './outcome.ts';
import { describeProblems } from './payloads.ts';
import { describeExit, followProgram } from './program.ts';
import { createProgramFinder, shellPath } from './shell-allow.ts';
import { findLaunchTools, type LaunchTools, launch } from './shell-launch.ts';
import { findUser } from './shell-user.ts';

const maxFileBytes = 64 * 1024 ** 3;
const forgetEveryMs = 3_600_000;
/** The longest grace of a payload, the wait for the kernel after SIGKILL, and some room. */
export const mlPatienceMs = 300_000 + 30_000 + 5_000;

export interface MlOptions {
  /** Absolute paths of programs, or `*` for any. */
  allow: string[];
  /** Whom runs run as when this process is root. */
  user: string;
  /** Holds the folders of all runs; shared by workers, when a run is to be resumed on another machine. */
  folder: string;
  /** Days that a run's folder is kept after its last attempt. */
  keepDays: number;
}

export interface MlResult {
  exit_code: number;
  signal: string | null;
  /** The last value of each metric. */
  metrics: Record<string, number>;
  artifacts: Artifact[];
  /** Where the artifacts lie, below the worker's folder. */
  folder: string;
  stdout: string;
  stderr: string;
  truncated: boolean;
  duration_ms: number;
}

/** Throws when the list or the user cannot be used. */
export function createMlExecutor({ allow, user: userName, folder, keepDays }: MlOptions): Executor {
  const findProgram = createProgramFinder(allow, 'RAVENMQ_ML_ALLOW');
  const user = process.getuid?.() === 0 ? findUser(userName) : undefined;
  let tools: Promise<LaunchTools> | undefined;
  let forgottenAt = Number.NEGATIVE_INFINITY;

  return async (attempt) => {
    const parsed = mlPayload.safeParse(attempt.payload);
    if (!parsed.success) throw new NonRetryable(describeProblems(parsed.error).join('; '));
    const payload = parsed.data;
    const [name = '', ...args] = payload.argv;
    const program = await findProgram(name);
    if (performance.now() - forgottenAt > forgetEveryMs) {
      forgottenAt = performance.now();
      await forgetRuns(folder, keepDays);
    }
    tools ??= findLaunchTools();
    const found = await tools;
    const run = await openRunFolder(folder, attempt, user);
    const work = await fs.mkdtemp(join(tmpdir(), 'ravenmq-ml-'));
    try {
      if (user) await fs.chown(work, user.uid, user.gid);
      attempt.signal.throwIfAborted();
      const env = environment(attempt, payload, run, work);
      const child = launch(found, { program, args, cwd: work, env, user, maxFileBytes });
      const metrics = new Map<string, number>();
      const end = await followProgram(child, {
        signal: attempt.signal,
        timeoutMs: payload.timeout_ms,
        graceMs: () => (attempt.signal.reason === 'lost' ? 0 : payload.grace_ms),
        stdin: payload.stdin,
        onLine: (line, stream) => reportLine(attempt, metrics, line, stream),
      });
      const result: MlResult = {
        exit_code: end.exitCode,
        signal: end.signal,
        metrics: Object.fromEntries(metrics),
        artifacts: await readArtifacts(run.artifacts),
        folder: relative(folder, run.artifacts),
        stdout: end.stdout.text,
        stderr: end.stderr.text,
        truncated: end.stdout.truncated || end.stderr.truncated,
        duration_ms: end.durationMs,
      };
      if (end.stopped !== undefined) throw new ProgramFailed(end.stopped, result);
      if (end.exitCode !== 0) throw new ProgramFailed(describeExit(end), result);
      await fs.rm(run.checkpoint, { recursive: true, force: true });
      attempt.progress(1);
      return result;
    } finally {
      await fs.rm(work, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}

function environment(
  attempt: Attempt,
  payload: MlPayload,
  run: RunFolder,
  work: string,
): Record<string, string> {
  return {
    LANG: 'C.UTF-8',
    ...payload.env,
    PATH: shellPath.join(':'),
    HOME: work,
    TMPDIR: work,
    RAVENMQ_JOB_ID: attempt.jobId,
    RAVENMQ_ATTEMPT: String(attempt.attempt),
    RAVENMQ_FENCE: String(attempt.fence),
    RAVENMQ_CHECKPOINT_DIR: run.checkpoint,
    RAVENMQ_ARTIFACT_DIR: run.artifacts,
  };
}

/**
 * Follows a launched program to its end. It settles when the whole process group is gone, so the next attempt never
 * runs beside this one.
 */
import type { ChildProcess } from 'node:child_process';
import { constants as os } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { eachLine } from './lines.ts';
import { NonRetryable } from './outcome.ts';
import { groupEnds, signalGroup } from './process-group.ts';
import { collectOutput } from './shell-output.ts';

const killWaitMs = 30_000;
// A process that left the group may hold the pipes open for ever.
const drainMs = 1_000;

export interface ProgramOptions {
  signal: AbortSignal;
  timeoutMs: number;
  /** Time between SIGTERM and SIGKILL once it has to stop, in milliseconds. */
  graceMs(): number;
  stdin: string;
  /** Lines longer than this many characters come in pieces. */
  longestLine?: number;
  onLine?(line: string, stream: 'stdout' | 'stderr'): void;
}

export interface ProgramEnd {
  /** As a shell tells it: 128 + n when signal n ended the program. */
  exitCode: number;
  signal: string | null;
  stdout: { text: string; truncated: boolean };
  stderr: { text: string; truncated: boolean };
  durationMs: number;
  /** Why it was stopped before its own end; undefined when it was not. */
  stopped: string | undefined;
}

export async function followProgram(child: ChildProcess, options: ProgramOptions): Promise<ProgramEnd> {
  const startedAt = performance.now();
  const { stdin, stdout, stderr, pid } = child;
  if (pid === undefined || !stdin || !stdout || !stderr) {
    const [error] = await once(child, 'error');
    throw new Error(`the program could not be started: ${(error as Error).message}`, { cause: error });
  }
  child.on('error', () => {});
  const [out, err] = [collectOutput(stdout), collectOutput(stderr)];
  const { onLine, longestLine = 4_000 } = options;
  if (onLine) {
    eachLine(stdout, longestLine, (line) => onLine(line, 'stdout'));
    eachLine(stderr, longestLine, (line) => onLine(line, 'stderr'));
  }
  const ended = once(child, 'exit');
  const drained = once(child, 'close');
  // The program need not read its input.
  stdin.on('error', () => {}).end(options.stdin);

  const deadline = AbortSignal.timeout(options.timeoutMs);
  const stop = AbortSignal.any([options.signal, deadline]);
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const wasStopped = await Promise.race([ended.then(() => false), stopped.then(() => true)]);
  if (wasStopped && signalGroup(pid, 'SIGTERM')) await groupEnds(pid, options.graceMs());
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

  const exitCode = code ?? 128 + (signal ? os.signals[signal] : 0);
  const named = Object.entries(os.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return {
    exitCode,
    signal: signal ?? named ?? null,
    stdout: out.text(),
    stderr: err.text(),
    durationMs: Math.round(performance.now() - startedAt),
    stopped: wasStopped ? whyStopped(options) : undefined,
  };
}

function whyStopped({ signal, timeoutMs }: ProgramOptions): string {
  if (!signal.aborted) return `not finished within ${timeoutMs} ms, its processes were killed`;
  const reason: unknown = signal.reason;
  return `stopped: ${reason instanceof Error ? reason.message : String(reason)}`;
}

export function describeExit({ exitCode, signal, stderr }: ProgramEnd): string {
  const lastLines = stderr.text.trimEnd().split('\n').slice(-5).join('\n').slice(-500);
  const how = signal ? `${exitCode} (${signal})` : String(exitCode);
  return lastLines === '' ? `exit code ${how}` : `exit code ${how}: ${lastLines}`;
}

function once(child: ChildProcess, event: 'error' | 'exit' | 'close'): Promise<unknown[]> {
  return new Promise((resolve) => {
    child.once(event, (...values: unknown[]) => resolve(values));
  });
}

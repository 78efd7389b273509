/** A process under test: what it logs, what its handlers report, and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Report {
  event: 'start' | 'refused';
  job: string;
  tenant: string;
  fence: number;
  attempt: number;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Lines of its log. */
  readonly log: string[];
  readonly reports: Report[];
  /** How it ended; undefined while it runs. */
  readonly exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  /** Whether an end by a signal was to be expected. */
  doomed: boolean;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL when it has not ended in time; answers how many milliseconds it took to end. */
  terminate(withinMs: number): Promise<number>;
}

/** Processes that still run: none outlives the harness, also when that fails. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export function startChild(name: string, command: string[], env: Record<string, string>): Child {
  const [program = process.execPath, ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...env },
  });
  alive.add(child);
  const log: string[] = [];
  const reports: Report[] = [];
  let exit: Child['exit'];
  eachLine(child.stderr, (line) => log.push(line));
  eachLine(child.stdout, (line) => {
    if (line.startsWith('{')) reports.push(JSON.parse(line));
  });
  // Not before its last words were read.
  const ended = new Promise<void>((resolve) =>
    child.once('close', (code, signal) => {
      exit = { code, signal };
      alive.delete(child);
      resolve();
    }),
  );
  return {
    name,
    pid: child.pid as number,
    log,
    reports,
    get exit() {
      return exit;
    },
    doomed: false,
    ended,
    signal: (signal) => void child.kill(signal),
    kill() {
      this.doomed = true;
      child.kill('SIGKILL');
      return ended;
    },
    async terminate(withinMs) {
      const asked = performance.now();
      child.kill('SIGTERM');
      // A worker says what it still waits for.
      const curiosity = setTimeout(() => name.startsWith('worker') && child.kill('SIGUSR2'), withinMs / 2);
      const impatience = setTimeout(() => child.kill('SIGKILL'), withinMs);
      await ended;
      clearTimeout(curiosity);
      clearTimeout(impatience);
      return performance.now() - asked;
    },
  };
}

function eachLine(stream: ChildProcess['stdout'], take: (line: string) => void): void {
  let partial = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    lines.forEach(take);
  });
}

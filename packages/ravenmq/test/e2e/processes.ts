/** Real processes of ours for tests that kill and pause them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from '../fixtures.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Process {
  child: ChildProcess;
  pid: number;
  /** Lines it wrote to standard error: its log. */
  log: string[];
  signal(name: NodeJS.Signals): void;
  /** Kills it for good and waits until it is gone. */
  kill(): Promise<void>;
}

/** A role from the command line, on the test's schema. */
export function startRole(role: string, db: TestDatabase, env: Record<string, string> = {}): Process {
  return start([main, role], db, env);
}

function start(args: string[], db: TestDatabase, env: Record<string, string>): Process {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: db.url,
      RAVENMQ_SCHEMA: db.schema,
      RAVENMQ_LOG_LEVEL: 'info',
      ...env,
    },
  });
  const log: string[] = [];
  let partial = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    log.push(...lines);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    pid: child.pid as number,
    log,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL');
      child.kill('SIGCONT');
      await exited;
    },
  };
}

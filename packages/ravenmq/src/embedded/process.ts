/** Questions about processes that may not be our children. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

const onLinux = process.platform === 'linux';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A dead process that its parent never asks about keeps its id; in many containers nobody asks.
  return !onLinux || statFields(pid)?.[0] !== 'Z';
}

/** Something that tells a process from a later one with the same id; undefined when there is no such process. */
export function startMark(pid: number): string | undefined {
  if (!onLinux) return ps(pid, 'lstart');
  const ticksSinceBoot = statFields(pid)?.[19];
  return (
    ticksSinceBoot && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticksSinceBoot}`
  );
}

/** The fields of /proc/pid/stat after the parenthesised name: the state first. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Times in `ps` follow zone and language, so both are fixed: marks of different processes get compared. */
function ps(pid: number, column: 'lstart' | 'command'): string | undefined {
  try {
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
    return (
      execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8', env }).trim() ||
      undefined
    );
  } catch {
    return undefined;
  }
}

/** Whether a process is a PostgreSQL server, or a part of one, on the given data folder. */
export function servesFolder(pid: number, folder: string): boolean {
  if (!onLinux) {
    const command = ps(pid, 'command') ?? '';
    return command.includes('postgres') && command.includes(folder);
  }
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder) &&
      readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres')
    );
  } catch {
    return false;
  }
}

/** All processes of PostgreSQL servers on the given data folder; Linux only, elsewhere none. */
export function serversOf(folder: string): number[] {
  if (!onLinux) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => servesFolder(pid, folder));
}

/** Sends the signals one after another, each with its time in milliseconds, until the process is gone. */
export async function endProcess(pid: number, signals: [NodeJS.Signals, number][]): Promise<boolean> {
  for (const [signal, waitMs] of signals) {
    try {
      process.kill(pid, signal);
    } catch {
      return true;
    }
    const until = performance.now() + waitMs;
    while (performance.now() < until) {
      if (!isAlive(pid)) return true;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  return !isAlive(pid);
}

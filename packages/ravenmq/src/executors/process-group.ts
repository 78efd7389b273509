import { promises as fs } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sends a signal to every process of the group; false when there is none. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Waits until no process of the group runs; false when the time is up. `signal` is sent before every look. */
export async function groupEnds(
  pgid: number,
  withinMs: number,
  signal: NodeJS.Signals | 0 = 0,
): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 250)) {
    if (!signalGroup(pgid, signal) || !(await hasLivingMember(pgid))) return true;
    const leftMs = until - performance.now();
    if (leftMs <= 0) return false;
    await sleep(Math.min(waitMs, leftMs));
  }
}

/**
 * A dead process that nobody collects keeps its group: common in containers, where no init does it. Linux tells such
 * processes from living ones; elsewhere every member counts as living.
 */
async function hasLivingMember(pgid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const pids = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    // The name, in parentheses, may itself hold spaces and parentheses.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(group) === pgid && state !== 'Z' && state !== 'X') return true;
  }
  return false;
}

/** Processor time of processes, in milliseconds, from /proc: 0 where there is none (not Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc are 10 ms on every Linux that matters here. */
const tickMs = 10;

interface Stat {
  parent: number;
  own: number;
  /** Of children that have ended. */
  reaped: number;
}

function statOf(pid: number | string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ms = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * tickMs;
    return { parent: Number(fields[1]), own: ms(11), reaped: ms(13) };
  } catch {
    return undefined;
  }
}

/** A process and its children, those that ended included: PostgreSQL is its postmaster and what that forks. */
export function familyCpuMs(pid: number): number {
  const head = statOf(pid);
  if (!head) return 0;
  let total = head.own + head.reaped;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = statOf(entry);
    if (stat?.parent === pid) total += stat.own + stat.reaped;
  }
  return total;
}

/** Of all processors of the machine, whatever ran on them, and what the host took away from them. */
export function machineCpuMs(): number {
  try {
    const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/);
    return [user, nice, system, irq, softirq, steal].reduce((sum, ticks) => sum + Number(ticks) * tickMs, 0);
  } catch {
    return 0;
  }
}

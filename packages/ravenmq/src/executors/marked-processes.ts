/** For tests: finds processes by a word among their arguments, so that a test sees its own and no others. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A number of seconds for `sleep` that nobody else sleeps. */
export const newMark = () => `${100_000 + Math.floor(Math.random() * 800_000)}`;

export function countMarked(mark: string): number {
  const lines = execFileSync('ps', ['-A', '-o', 'args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.trim() === `sleep ${mark}`).length;
}

/** Waits until exactly `count` processes carry the mark; throws when the time is up. */
export async function untilMarked(mark: string, count: number, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (countMarked(mark) !== count) {
    if (performance.now() > end) throw new Error(`${countMarked(mark)} marked processes, not ${count}`);
    await sleep(50);
  }
}

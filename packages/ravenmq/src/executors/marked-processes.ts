/** For tests: finds processes by a word among their arguments, so that a test sees its own and no others. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A number of seconds for `sleep` that nobody else sleeps. What still sleeps it after the test is ended. */
export function newMark(): string {
  const mark = `${100_000 + Math.floor(Math.random() * 800_000)}`;
  onTestFinished(() => {
    for (const pid of marked(mark)) process.kill(pid, 'SIGKILL');
  });
  return mark;
}

export const countMarked = (mark: string): number => marked(mark).length;

function marked(mark: string): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const own = lines.filter((line) => line.trim().replace(/^\d+\s+/, '') === `sleep ${mark}`);
  return own.map((line) => Number.parseInt(line, 10));
}

/** Waits until exactly `count` processes carry the mark; throws when the time is up. */
export async function untilMarked(mark: string, count: number, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (countMarked(mark) !== count) {
    if (performance.now() > end) throw new Error(`${countMarked(mark)} marked processes, not ${count}`);
    await sleep(50);
  }
}

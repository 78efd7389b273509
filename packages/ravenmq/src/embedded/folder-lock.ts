import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startMark } from './process.ts';

/** Longer than a starter needs from reading a dead holder's file to removing it, in milliseconds. */
const settleMs = 50;

/**
 * One RavenMQ per data folder. The lock names its holder by process id and start, so that a holder that was killed
 * does not lock anybody out. Throws when a living process holds it.
 */
export async function lockFolder(folder: string): Promise<{ unlock(): void }> {
  const file = join(folder, 'ravenmq.pid');
  const own = `${process.pid} ${startMark(process.pid)}`;
  for (let attempt = 0; attempt < 5; attempt++) {
    if (wroteNew(file, own)) {
      // Of two that found a dead holder the later may have removed the earlier's file; then it is not ours.
      await pause(settleMs);
      if (read(file) !== own) continue;
      return {
        unlock() {
          if (read(file) === own) rmSync(file, { force: true });
        },
      };
    }
    // An empty file is one that is being written.
    if (read(file) === '') await pause(settleMs);
    const [, pid, mark] = /^(\d+) (.+)$/.exec(read(file)) ?? [];
    if (pid && startMark(Number(pid)) === mark) {
      throw new Error(
        `RavenMQ already runs on ${folder} (process ${pid}): stop it first, or choose another folder with RAVENMQ_DATA_DIR.`,
      );
    }
    rmSync(file, { force: true });
  }
  throw new Error(`Several RavenMQ start on ${folder} at the same time: start one only.`);
}

function wroteNew(file: string, text: string): boolean {
  try {
    // Readable for all: another user must see that somebody holds it.
    writeFileSync(file, text, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

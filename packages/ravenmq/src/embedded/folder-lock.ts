import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMark } from './process.ts';

/**
 * One RavenMQ per data folder. The lock names its holder by process id and start, so that a holder that was killed
 * does not lock anybody out. Throws when a living process holds it.
 */
export function lockFolder(dataDir: string): { unlock(): void } {
  const file = join(dataDir, 'ravenmq.pid');
  const own = `${process.pid} ${startMark(process.pid)}`;
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, own, { flag: 'wx', mode: 0o600 });
      return { unlock: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 5) throw error;
    }
    const [pid, mark] = readHolder(file);
    if (pid && mark && startMark(Number(pid)) === mark) {
      throw new Error(
        `RavenMQ already runs on ${dataDir} (process ${pid}): stop it first, or choose another folder with RAVENMQ_DATA_DIR.`,
      );
    }
    rmSync(file, { force: true });
  }
}

function readHolder(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(' ');
  } catch {
    return [];
  }
}

/** A bar on a terminal; nothing anywhere else. */
import type { WriteStream } from 'node:tty';

const width = 30;
const everyMs = 100;

export interface Progress {
  at(done: number, all: number): void;
  /** Takes the bar away. */
  end(): void;
}

export function progressOn(stream: Pick<WriteStream, 'isTTY' | 'write'>, label: string): Progress {
  if (!stream.isTTY) return { at() {}, end() {} };
  let shownAtMs = 0;
  return {
    at(done, all) {
      const nowMs = performance.now();
      if (nowMs - shownAtMs < everyMs) return;
      shownAtMs = nowMs;
      const full = Math.round((width * done) / all);
      const bar = '█'.repeat(full) + '░'.repeat(width - full);
      stream.write(`\r\u001B[K${label} ${bar} ${Math.floor((100 * done) / all)} %`);
    },
    end: () => void stream.write('\r\u001B[K'),
  };
}

import type { Readable } from 'node:stream';
import { resultText } from './result-text.ts';

const endBytes = 32 * 1024;
const endJsonBytes = 50 * 1024;

export interface Output {
  text(): { text: string; truncated: boolean };
}

/** Reads a pipe to its end whatever comes, and keeps the first and the last 32 kB. */
export function collectOutput(pipe: Readable): Output {
  const head: Buffer[] = [];
  let tail: Buffer[] = [];
  let headBytes = 0;
  let tailBytes = 0;
  let allBytes = 0;

  pipe.on('error', () => {});
  pipe.on('data', (chunk: Buffer) => {
    allBytes += chunk.length;
    const forHead = chunk.subarray(0, endBytes - headBytes);
    if (forHead.length > 0) head.push(forHead);
    headBytes += forHead.length;
    const rest = chunk.subarray(forHead.length);
    if (rest.length === 0) return;
    tail.push(rest);
    tailBytes += rest.length;
    // Joined only when twice too long, so that a flood is copied once and not once a chunk.
    if (tailBytes > 2 * endBytes) {
      tail = [Buffer.from(Buffer.concat(tail).subarray(-endBytes))];
      tailBytes = endBytes;
    }
  });

  return {
    text() {
      const lastBytes = Buffer.concat(tail).subarray(-endBytes);
      const left = allBytes - headBytes - lastBytes.length;
      if (left === 0) {
        const { text, cut } = resultText(Buffer.concat([...head, lastBytes]), 2 * endJsonBytes);
        return { text, truncated: cut };
      }
      const first = resultText(Buffer.concat(head), endJsonBytes);
      const last = resultText(lastBytes, endJsonBytes, 'end');
      return { text: `${first.text}\n[... ${left} bytes left out ...]\n${last.text}`, truncated: true };
    },
  };
}

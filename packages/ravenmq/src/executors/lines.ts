import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/**
 * Calls back for every line of a pipe, the last one also when no newline ends it. A line that is longer than `longest`
 * characters comes in pieces, so that endless output without newlines is not kept.
 */
export function eachLine(pipe: Readable, longest: number, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let partial = '';

  function take(text: string): void {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (partial.length > longest) {
      onLine(partial.slice(0, longest));
      partial = partial.slice(longest);
    }
  }

  pipe.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  pipe.once('close', () => {
    take(decoder.end());
    if (partial !== '') onLine(partial);
    partial = '';
  });
}

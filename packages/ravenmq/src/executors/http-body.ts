import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { resultText } from './result-text.ts';

const maxDecodedBytes = 1024 * 1024;
const maxStoredBytes = 64 * 1024;
const maxStoredJsonBytes = 128 * 1024;

export interface Body {
  text: string;
  truncated: boolean;
}

/**
 * The start of an answer's body as text. Reads at most 1 MB after decompression and then destroys the connection,
 * so that neither an endless body nor a bomb costs more than that.
 */
export async function readBody(body: Readable, encoding: string, contentType: string): Promise<Body> {
  const decode = decoderFor(encoding);
  if (decode === 'unknown') {
    body.on('error', () => {}).destroy();
    return { text: '', truncated: true };
  }
  // The reader below sees the error too; the callback only keeps pipeline from throwing it.
  const source = decode ? pipeline(body, decode, () => {}) : body;
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let seenBytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    seenBytes += chunk.length;
    if (keptBytes < maxStoredBytes) {
      const part = chunk.subarray(0, maxStoredBytes - keptBytes);
      kept.push(part);
      keptBytes += part.length;
    }
    if (seenBytes > maxDecodedBytes) break;
  }
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  const { text, cut } = resultText(Buffer.concat(kept), maxStoredJsonBytes, 'start', charset);
  return { text, truncated: cut || seenBytes > keptBytes };
}

function decoderFor(encoding: string) {
  // Servers that cut the trailer off are common; what did arrive is still worth storing.
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
  if (encoding === '' || encoding === 'identity') return undefined;
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip(lenient);
  if (encoding === 'deflate') return createInflate(lenient);
  if (encoding === 'br') return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
  return 'unknown';
}

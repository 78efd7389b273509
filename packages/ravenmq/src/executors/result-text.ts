/**
 * Turns bytes of the outside world into text that can be stored as jsonb: PostgreSQL refuses NUL there, and a
 * control character takes six bytes of JSON, so the limit counts JSON bytes and not characters.
 */
import { TextDecoder } from 'node:util';

export interface ResultText {
  text: string;
  cut: boolean;
}

/** `keep` says which end survives when the text is too long. `charset` falls back to UTF-8. */
export function resultText(
  bytes: Uint8Array,
  maxJsonBytes: number,
  keep: 'start' | 'end' = 'start',
  charset = 'utf-8',
): ResultText {
  // An incomplete character at either edge comes from a cut and not from the sender.
  const from = keep === 'end' ? leadingContinuation(bytes) : 0;
  const decoded = decoder(charset)
    .decode(bytes.subarray(from), { stream: keep === 'start' })
    .replaceAll('\0', '');
  let text = decoded;
  let size = jsonBytes(text);
  while (size > maxJsonBytes) {
    const length = Math.floor((text.length * maxJsonBytes) / size);
    text = (keep === 'start' ? text.slice(0, length) : text.slice(text.length - length)).toWellFormed();
    size = jsonBytes(text);
  }
  return { text, cut: text.length < decoded.length };
}

const jsonBytes = (text: string) => Buffer.byteLength(JSON.stringify(text)) - 2;

function leadingContinuation(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count++;
  return count;
}

function decoder(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

import { randomFillSync } from 'node:crypto';

const bytes = Buffer.alloc(4096);
/** Random digits in store: one call for many ids. */
let digits = '';
let used = 0;
let lastMs = 0;
let counter = 0;
/** The 48 bits of lastMs and the version. */
let head = '';
/** The variant's two bits are 10, the other two random. */
const variants = ['8', '9', 'a', 'b'];

/**
 * A UUID version 7: 48 bits of milliseconds, 12 bits that count on within a millisecond (so that the ids of one
 * process ascend in the order they were made), 62 random bits.
 */
export function newJobId(now: number = Date.now()): string {
  if (used + 20 > digits.length) {
    digits = randomFillSync(bytes).toString('hex');
    used = 0;
  }
  if (now > lastMs) {
    setTime(now);
    counter = Number.parseInt(digits.slice(used, used + 3), 16) & 0x7ff;
  } else if (++counter > 0xfff) {
    setTime(lastMs + 1);
    counter = 0;
  }
  const from = used + 4;
  used += 20;
  const variant = variants[Number.parseInt(digits.charAt(from), 16) & 3];
  return `${head}${counter.toString(16).padStart(3, '0')}-${variant}${digits.slice(from + 1, from + 4)}-${digits.slice(from + 4, from + 16)}`;
}

function setTime(ms: number): void {
  lastMs = ms;
  const time = ms.toString(16).padStart(12, '0');
  head = `${time.slice(0, 8)}-${time.slice(8)}-7`;
}

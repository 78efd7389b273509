import { validatePayload } from '../executors/payloads.ts';
import { type FieldError, Problem } from './problems.ts';

const deepest = 32;

/** Throws `invalid` for a payload that is too large or deep, cannot be stored, or does not fit its built-in type. */
export function checkPayload(
  type: string,
  payload: Record<string, unknown>,
  maxChars: number,
  path = 'body',
): void {
  const at = `${path}/payload`;
  // First of all the depth: what walks the value after it, JSON.stringify included, recurses.
  const measured = atMost(payload, 1);
  if (typeof measured === 'string') refuse([{ path: at, message: measured }]);
  if (measured > maxChars) {
    const json = JSON.stringify(payload);
    // A character beyond the basic plane counts as one, though it is two in a string.
    const characters = json.length > maxChars ? [...json].length : json.length;
    if (characters > maxChars) {
      refuse([{ path: at, message: `has ${characters} characters of JSON, ${maxChars} are allowed` }]);
    }
  }
  const problems = validatePayload(type, payload);
  if (problems) refuse(problems.map((message) => ({ path: at, message })));
}

function refuse(errors: FieldError[]): never {
  throw new Problem('invalid', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), {
    errors,
  });
}

/**
 * How many characters its JSON has at most, so that most values need not be written out to be measured; or what is
 * wrong with it.
 */
function atMost(value: unknown, depth: number): number | string {
  if (typeof value === 'string') return textAtMost(value);
  if (typeof value === 'number') {
    return Number.isFinite(value) ? longestNumber : 'holds a number that is not finite';
  }
  if (value === null || typeof value !== 'object') return 'false'.length;
  if (depth > deepest) return `is nested more than ${deepest} levels deep`;
  let total = '{}'.length;
  if (Array.isArray(value)) {
    for (const entry of value) {
      const measured = atMost(entry, depth + 1);
      if (typeof measured === 'string') return measured;
      total += measured + ','.length;
    }
    return total;
  }
  for (const key in value) {
    const name = textAtMost(key);
    if (typeof name === 'string') return name;
    const measured = atMost((value as Record<string, unknown>)[key], depth + 1);
    if (typeof measured === 'string') return measured;
    total += name + measured + ':,'.length;
  }
  return total;
}

const longestNumber = '-0.0000012345678901234567'.length;

/** A control character becomes six: \u0001. */
function textAtMost(text: string): number | string {
  if (text.includes('\0')) return 'holds a NUL character, which PostgreSQL cannot store';
  if (!text.isWellFormed()) return 'holds half of a surrogate pair, which is not a character';
  return text.length * 6 + '""'.length;
}

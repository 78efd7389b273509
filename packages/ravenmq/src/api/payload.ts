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
  const flaw = findFlaw(payload, 1);
  if (flaw) refuse([{ path: at, message: flaw }]);
  const json = JSON.stringify(payload);
  if (json.length > maxChars) {
    // A character beyond the basic plane counts as one, though it is two in a string.
    const characters = [...json].length;
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

function findFlaw(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') {
    if (value.includes('\0')) return 'holds a NUL character, which PostgreSQL cannot store';
    return value.isWellFormed() ? undefined : 'holds half of a surrogate pair, which is not a character';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'holds a number that is not finite';
  if (value === null || typeof value !== 'object') return undefined;
  if (depth > deepest) return `is nested more than ${deepest} levels deep`;
  for (const [key, entry] of Object.entries(value)) {
    const flaw = findFlaw(key, depth) ?? findFlaw(entry, depth + 1);
    if (flaw) return flaw;
  }
  return undefined;
}

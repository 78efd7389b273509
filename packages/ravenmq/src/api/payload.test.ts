import { expect, test } from 'vitest';
import { checkPayload } from './payload.ts';
import { Problem } from './problems.ts';

const nested = (levels: number): Record<string, unknown> => (levels === 1 ? {} : { a: nested(levels - 1) });
const ofLength = (characters: number, fill = 'x') => ({ p: fill.repeat(characters - '{"p":""}'.length) });

function refusal(payload: Record<string, unknown>, type = 'mine'): string | undefined {
  try {
    checkPayload(type, payload, 10_000);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return (error as Problem).message;
  }
}

test('a payload has at most the allowed characters, whatever plane they are from', () => {
  expect(refusal(ofLength(10_000))).toBeUndefined();
  expect(refusal(ofLength(10_000, '😀'))).toBeUndefined();
  expect(refusal(ofLength(10_001, '😀'))).toContain('10001 characters');
  expect(refusal(ofLength(1_667, '\u0001'))).toBeUndefined();
  expect(refusal({ p: '\u0001'.repeat(1_667) })).toContain('10010 characters');
  expect(refusal({ p: Array(450).fill(-1.2345678901234567e-100) })).toContain('characters');
});

test('a payload is at most 32 levels deep and holds what PostgreSQL can store', () => {
  expect(refusal(nested(32))).toBeUndefined();
  expect(refusal(nested(33))).toContain('32 levels');
  let deep = {};
  for (let level = 0; level < 400_000; level++) deep = { a: deep };
  expect(refusal(deep)).toContain('32 levels');
  expect(refusal({ a: [{ b: 'x\0y' }] })).toContain('NUL');
  expect(refusal({ 'a\0': 1 })).toContain('NUL');
  expect(refusal({ a: '\ud800' })).toContain('surrogate');
  expect(refusal({ a: null, b: [1, true, 'ä'] })).toBeUndefined();
});

test('built-in types have their own rules', () => {
  expect(refusal({}, 'http')).toContain('url');
  expect(refusal({}, 'etl')).toContain('has nothing to do');
  expect(refusal({}, 'ml')).toContain('argv');
  expect(refusal({ url: 'http://example.org/' }, 'http')).toBeUndefined();
});

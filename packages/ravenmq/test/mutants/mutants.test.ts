import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mutants } from './mutants.ts';
import { fileOf, mutated } from './tree.ts';

const base = fileURLToPath(new URL('../..', import.meta.url));

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  '%s: the text to change is there, and so is the test that notices',
  async (_, mutant) => {
    const text = await readFile(await fileOf(mutant, base), 'utf8');
    expect(mutated(mutant, text)).not.toBe(text);
    const testText = await readFile(join(base, mutant.caughtBy.file), 'utf8');
    // A name made of a variable part is searched for by its fixed end.
    expect(testText).toContain(mutant.caughtBy.test.replace(/^with .*?: /, ''));
  },
);

test('a text that is missing or not unique is refused with what to do', () => {
  const mutant = { name: 'm', file: 'f.ts', find: 'x', replace: 'y' } as (typeof mutants)[number];
  expect(() => mutated(mutant, 'abc')).toThrow('0 times');
  expect(() => mutated(mutant, 'x x')).toThrow('bring packages/ravenmq/test/mutants/mutants.ts up to date');
  expect(mutated({ ...mutant, replace: '$&' }, 'axb')).toBe('a$&b');
});

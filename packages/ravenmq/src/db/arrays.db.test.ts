import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { columnOf, pgArray } from './arrays.ts';

test('whatever is written into an array comes out again', async ({ db }) => {
  const texts = [
    'a',
    '',
    'null',
    'NULL',
    'a,b',
    '{x}',
    '"',
    '\\',
    '\\"',
    ' space ',
    "it's",
    'ä😀\n\t',
    '$1',
    '-1.5e3',
    '%s',
    null,
  ];
  const numbers = [0, -1.5, 1e21, 1e-9, 123456789012, null];
  const bytes = [Buffer.from([0, 255, 92, 34]), Buffer.alloc(0), null];

  const { rows } = await db.pool.query(
    'select $1::text[] as texts, $2::float8[] as numbers, $3::bytea[] as bytes, $4::bool[] as flags, $5::int[] as none',
    [pgArray(texts), pgArray(numbers), pgArray(bytes), pgArray([true, false, null]), pgArray([])],
  );

  expect(rows[0]).toEqual({ texts, numbers, bytes, flags: [true, false, null], none: [] });
});

test('a column is taken row by row', () => {
  expect(columnOf([{ a: 1 }, { a: 2 }], (row) => row.a)).toBe('{1,2}');
});

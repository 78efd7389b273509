import { expect, test } from 'vitest';
import { newJobId } from './id.ts';

test('ids are UUIDs of version 7 that ascend in the order they were made', () => {
  const ids = Array.from({ length: 20_000 }, () => newJobId());

  expect(
    ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
  ).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the first 48 bits are the time, also when the clock steps back', () => {
  const later = Date.now() + 1_000_000;
  const first = newJobId(later);
  const second = newJobId(later - 5_000);

  expect(Number.parseInt(first.replace('-', '').slice(0, 12), 16)).toBe(later);
  expect(second > first).toBe(true);
});

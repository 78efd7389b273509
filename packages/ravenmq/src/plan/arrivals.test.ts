import { expect, test } from 'vitest';
import { type ArrivalRow, arrivalsOf } from './arrivals.ts';

const row = (ageMs: number, some: Partial<ArrivalRow> = {}): ArrivalRow => ({
  ...{
    queue: 'q',
    tenant_id: 't',
    type: 'a',
    p50_ms: 10,
    p90_ms: 20,
    rank_ahead: 5,
    scopes: null,
    age_ms: ageMs,
  },
  ...some,
});
const numbers = { lane: () => 0, type: () => 0, scopes: (scopes: string[] | null) => (scopes ? [0] : []) };

test('a steady stream goes on at its pace, and what came together comes together', () => {
  const steady = Array.from({ length: 60 }, (_, n) => row(5_000 * n + 100));
  const pairs = steady.map(({ age_ms }) => row(age_ms - 20));
  const one = arrivalsOf(steady, numbers);
  const two = arrivalsOf([...steady, ...pairs], numbers);
  expect(one.perMs * 5_000).toBeCloseTo(1, 1);
  expect(two.perMs * 5_000).toBeCloseTo(1, 1);
  expect([one.like[0]?.length, two.like[0]?.length]).toEqual([1, 2]);
});

test('a batch that came once is no stream, and nobody comes where nobody came', () => {
  const batch = Array.from({ length: 500 }, () => row(60_000));
  expect(arrivalsOf(batch, numbers).perMs).toBe(0);
  expect(arrivalsOf([], numbers)).toEqual({ perMs: 0, like: [] });
  expect(arrivalsOf([row(10_000, { scopes: ['t:t'] }), row(299_000), row(299_500)], numbers).like).toEqual([
    [expect.objectContaining({ gated: true, scopes: [0], rankAhead: 5 })],
  ]);
});

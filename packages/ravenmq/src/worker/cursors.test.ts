import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClaimedJob } from '../jobs/turnover.ts';
import { Cursors } from './cursors.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'], now: 1_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const job = (rank: number, queue = 'q') =>
  ({ queue, tenant_id: 'acme', rank, id: `job-${rank}` }) as unknown as ClaimedJob;
const ranks = (cursors: Cursors) => cursors.begin().map((cursor) => cursor.rank);

/** Cursors that stand at 10 and 20 in two lanes after a first look that took so long. */
function standing(lookMs: number): Cursors {
  const cursors = new Cursors();
  expect(cursors.begin()).toEqual([]);
  cursors.advance([job(5), job(10), job(20, 'other')], lookMs);
  return cursors;
}

test('a claim starts past the last job claimed in each lane', () => {
  expect(ranks(standing(1))).toEqual([10, 20]);
});

test('a wake-up that names a rank takes the cursors behind it back to it, and no others', () => {
  const cursors = standing(1);
  cursors.goBack(15);
  cursors.goBack(17);
  expect(ranks(cursors)).toEqual([10, 15]);
  expect(ranks(cursors)).toEqual([10, 15]);
});

test('a rank named while a claim is under way counts for the next one', () => {
  const cursors = standing(1);
  cursors.begin();
  cursors.goBack(3);
  cursors.advance([job(11)], 1);
  expect(ranks(cursors)).toEqual([3, 3]);
});

test('what arrived without a rank is looked for from the beginning, as often as that takes a twentieth of the time', () => {
  const cursors = standing(10);
  cursors.goBack();
  vi.advanceTimersByTime(199);
  expect(ranks(cursors)).toEqual([10, 20]);
  vi.advanceTimersByTime(1);
  expect(ranks(cursors)).toEqual([]);
});

test('a look that took very long is repeated after five seconds all the same', () => {
  const cursors = standing(60_000);
  cursors.goBack();
  vi.advanceTimersByTime(4_999);
  expect(ranks(cursors)).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(ranks(cursors)).toEqual([]);
});

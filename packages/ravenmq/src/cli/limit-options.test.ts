import { expect, test } from 'vitest';
import { changeOf, rateOf } from './limit-options.ts';

test('rates are written as starts in a second, a minute or an hour', () => {
  expect(rateOf('10/s')).toEqual({ starts: 10, perSeconds: 1 });
  expect(rateOf('0.5/m')).toEqual({ starts: 0.5, perSeconds: 60 });
  expect(rateOf('500/h')).toEqual({ starts: 500, perSeconds: 3_600 });
  expect(rateOf('none')).toBeNull();
  for (const text of ['10', '0/s', '-1/s', '10/d', 'x/s', ''])
    expect(() => rateOf(text)).toThrow('10/s, 100/m or 500/h');
});

test('a burst belongs to a rate, and nothing at all is no change', () => {
  expect(changeOf({ running: null })).toEqual({ max: null, rate: undefined });
  expect(changeOf({ starts: { starts: 1, perSeconds: 60 }, burst: 5 })).toEqual({
    max: undefined,
    rate: { starts: 1, perSeconds: 60, burst: 5 },
  });
  expect(() => changeOf({ burst: 5, running: 3 })).toThrow('--burst belongs to --starts');
  expect(() => changeOf({})).toThrow('Say what to limit');
});

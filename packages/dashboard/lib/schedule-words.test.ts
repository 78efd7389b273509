import { expect, test } from 'vitest';
import { inUnit, inWords } from './schedule-words.ts';

test.each([
  ['* * * * *', 'every minute'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['5 * * * *', 'every hour at :05'],
  ['0 */6 * * *', 'every 6 hours at :00'],
  ['30 2 * * *', 'every day at 02:30'],
  ['0 8,12,20 * * *', 'every day at 08:00, 12:00 and 20:00'],
  ['0 9 * * 1-5', 'Monday to Friday at 09:00'],
  ['0 9 * * MON,thu', 'every Monday and Thursday at 09:00'],
  ['15 22 * * 7', 'every Sunday at 22:15'],
  ['*/10 * * * 1', 'every Monday every 10 minutes'],
  ['0 0 1 * *', 'on day 1 of every month at 00:00'],
])('%s is %s', (cron, words) => {
  expect(inWords({ cron, every_ms: null })).toBe(words);
});

test.each([
  '*/7 * * * *',
  '0 9 1 * 1',
  '0 9 * 6 *',
  '0 9-17 * * *',
  '0 9 L * *',
  '0 9 * * 1#2',
  '30 0 2 * * *',
  '*/5 9 * * *',
  '61 9 * * *',
  '@daily',
  '',
])('what %j means is left to the pattern', (cron) => {
  expect(inWords({ cron, every_ms: null })).toBe(undefined);
});

test('an interval is told in its largest whole unit', () => {
  const words = (every_ms: number) => inWords({ cron: null, every_ms });
  expect([1_000, 90_000, 3_600_000, 172_800_000, 1_500].map(words)).toEqual([
    'every second',
    'every 90 seconds',
    'every hour',
    'every 2 days',
    'every 1.5 seconds',
  ]);
  expect(inUnit(900_000)).toEqual({ n: 15, unit: 'minutes' });
});

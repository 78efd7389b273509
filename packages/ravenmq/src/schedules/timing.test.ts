import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firesByWalking, type Pattern, shiftsOf } from './oracle.ts';
import { firesBetween, mostFires, nextFire, nextFires, type Timing, timingProblem } from './timing.ts';

const cron = (pattern: string, timezone = 'UTC'): Timing => ({
  cron: pattern,
  everyMs: null,
  timezone,
  anchor: '2026-01-01T00:00:00Z',
});
const texts = (dates: Date[]) => dates.map((date) => date.toISOString().slice(0, 16));

const zones = [
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Europe/London',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Tehran',
  'Asia/Kathmandu',
  'America/Havana',
  'Africa/Cairo',
];

const field = (most: number, least = 0) =>
  fc
    .uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 })
    .map((values) => values.toSorted((a, b) => a - b).join(','));
const hours = fc.oneof(field(23), field(4), fc.constantFrom('*', '*/2', '*/6', '0-5', '22-23'));
const patterns: fc.Arbitrary<Pattern> = fc.record({
  minute: fc.oneof(field(59), fc.constantFrom('0', '30', '*/20', '*/30', '59')),
  hour: hours,
  day: fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, { weight: 1, arbitrary: field(31, 1) }),
  month: fc.oneof({ weight: 4, arbitrary: fc.constant('*') }, { weight: 1, arbitrary: field(12, 1) }),
  weekday: fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, { weight: 1, arbitrary: field(6) }),
});
const textOf = ({ minute, hour, day, month, weekday }: Pattern) =>
  `${minute} ${hour} ${day} ${month} ${weekday}`;

/** All fires of a year by both, or those of the days around the zone's shifts when there are many. */
function agree(pattern: Pattern, timezone: string, year: number): void {
  const [from, to] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
  const days = 86_400_000;
  const dense = /\*/.test(pattern.hour);
  const windows = dense
    ? shiftsOf(timezone, from, to).map(({ at }) => [at - 3 * days, at + 3 * days] as const)
    : [[from, to] as const];
  for (const [start, end] of windows) {
    const walked = firesByWalking(pattern, timezone, start, end);
    const found: number[] = [];
    for (let last = new Date(start - 1_000); ; ) {
      const next = nextFire(cron(textOf(pattern), timezone), last);
      if (!next || next.getTime() >= end) break;
      found.push(next.getTime());
      last = next;
    }
    expect(texts(found.map((at) => new Date(at)))).toEqual(texts(walked.map((at) => new Date(at))));
  }
}

test.each(zones)('%s: a year of any pattern is what a walk over its minutes finds', (zone) => {
  fc.assert(
    fc.property(patterns, fc.integer({ min: 2006, max: 2035 }), (pattern, year) =>
      agree(pattern, zone, year),
    ),
    { numRuns: Number(process.env.RAVENMQ_CRON_RUNS ?? 6) },
  );
});

test('years in which a zone did something unusual', () => {
  const half = { minute: '30', hour: '0', day: '*', month: '*', weekday: '*' };
  agree(half, 'America/Sao_Paulo', 2018);
  agree({ ...half, hour: '12' }, 'Pacific/Apia', 2011);
  agree({ ...half, hour: '*/2' }, 'Australia/Lord_Howe', 2026);
  agree({ ...half, minute: '15', hour: '2' }, 'Australia/Lord_Howe', 2026);
});

test('the stated rule, by example', () => {
  const after = (iso: string, pattern: string) =>
    texts(nextFires(cron(pattern, 'Europe/Berlin'), new Date(iso), 3));
  // 02:30 does not exist on 29 March: 03:00 summer time is 01:00 UTC.
  expect(after('2026-03-28T12:00:00Z', '30 2 * * *')).toEqual([
    '2026-03-29T01:00',
    '2026-03-30T00:30',
    '2026-03-31T00:30',
  ]);
  // 02:30 comes twice on 25 October; only the first fires.
  expect(after('2026-10-24T12:00:00Z', '30 2 * * *')).toEqual([
    '2026-10-25T00:30',
    '2026-10-26T01:30',
    '2026-10-27T01:30',
  ]);
  expect(after('2026-10-25T00:00:00Z', '30 * * * *')).toEqual([
    '2026-10-25T00:30',
    '2026-10-25T01:30',
    '2026-10-25T02:30',
  ]);
});

test('an interval counts from its anchor', () => {
  const timing = { ...cron(''), cron: null, everyMs: 90_000 };
  expect(texts(nextFires(timing, new Date('2025-01-01'), 1))).toEqual(['2026-01-01T00:00']);
  expect(nextFires(timing, new Date('2026-01-01T00:03:00Z'), 2).map((at) => at.toISOString())).toEqual([
    '2026-01-01T00:04:30.000Z',
    '2026-01-01T00:06:00.000Z',
  ]);
});

test('what cannot be a timing is said', () => {
  expect(timingProblem(cron('30 2 * * *', 'Europe/Berlin'))).toBeUndefined();
  expect(timingProblem(cron('*/5 * * * * *'))).toBeUndefined();
  expect(timingProblem(cron('0 0 * * *', 'Mars/Olympus'))).toContain('Mars/Olympus is not known');
  expect(timingProblem(cron('61 * * * *'))).toMatch(/^cron "61 \* \* \* \*": /);
  expect(timingProblem(cron('0 0 31 2 *'))).toContain('never fires');
  expect(timingProblem(cron('hourly'))).toContain('cron "hourly"');
});

test('after a long pause the newest fires are found, without walking over all', () => {
  const timing = { ...cron('* * * * * *') };
  const [first, until] = [new Date('2020-01-01T00:00:00Z'), new Date('2026-01-01T00:00:00Z')];
  const fires = firesBetween(timing, first, until);
  expect(fires.length).toBeLessThanOrEqual(mostFires);
  expect(fires.length).toBeGreaterThan(500);
  expect(fires.at(-1)).toEqual(until);
  expect(firesBetween(cron('0 0 * * *'), first, new Date('2020-01-03T12:00:00Z'))).toHaveLength(3);
});

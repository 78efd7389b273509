/**
 * For tests: when a cron pattern fires, by walking over every minute with nothing but Intl's idea of the zone. Shares
 * no code with what it judges.
 */
const minute = 60_000;
const hour = 60 * minute;

/** Minutes that the zone's clock is ahead of UTC, from each instant on. */
interface Shift {
  at: number;
  offset: number;
}

function offsetAt(format: Intl.DateTimeFormat, at: number): number {
  const part = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?/.exec(part) ?? [];
  if (!sign) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes) + Number(seconds ?? 0) / 60);
}

/** Every change of the zone's clock between two instants, to the minute. */
export function shiftsOf(timezone: string, from: number, to: number): Shift[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
  const shifts: Shift[] = [{ at: from, offset: offsetAt(format, from) }];
  for (let at = from + 6 * hour; at <= to; at += 6 * hour) {
    const last = shifts.at(-1) as Shift;
    const offset = offsetAt(format, at);
    if (offset === last.offset) continue;
    let [low, high] = [at - 6 * hour, at];
    while (high - low > minute) {
      const middle = Math.floor((low + high) / 2 / minute) * minute;
      if (offsetAt(format, middle) === last.offset) low = middle;
      else high = middle;
    }
    shifts.push({ at: high, offset });
  }
  return shifts;
}

export interface Pattern {
  minute: string;
  hour: string;
  day: string;
  month: string;
  weekday: string;
}

function numbers(field: string, least: number, most: number): Set<number> {
  const all = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [from = '', to = from] = range === '*' ? [String(least), String(most)] : range.split('-');
    for (let n = Number(from); n <= Number(to); n += Number(step)) all.add(n);
  }
  return all;
}

/** Fires in [from, to), in order. */
export function firesByWalking(pattern: Pattern, timezone: string, from: number, to: number): number[] {
  const [minutes, hours] = [numbers(pattern.minute, 0, 59), numbers(pattern.hour, 0, 23)];
  const [days, months] = [numbers(pattern.day, 1, 31), numbers(pattern.month, 1, 12)];
  const weekdays = numbers(pattern.weekday, 0, 6);
  const eitherDay = pattern.day !== '*' && pattern.weekday !== '*';
  const fixed = !/[*/]/.test(pattern.minute + pattern.hour);
  // The wall clock as the UTC fields of a Date.
  const matches = (wall: number): boolean => {
    const date = new Date(wall);
    if (!minutes.has(date.getUTCMinutes()) || !hours.has(date.getUTCHours())) return false;
    if (!months.has(date.getUTCMonth() + 1)) return false;
    const [day, weekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
    return eitherDay ? day || weekday : day && weekday;
  };
  const fires = new Set<number>();
  const shifts = shiftsOf(timezone, from - 48 * hour, to + 48 * hour);
  for (const [n, { at, offset }] of shifts.entries()) {
    const end = shifts[n + 1]?.at ?? to;
    const before = shifts[n - 1]?.offset ?? offset;
    // A date that a zone left out altogether (Samoa, 30 December 2011) is left out here too.
    const gap = offset > before && offset - before < 24 * 60;
    if (fixed && gap && at >= from && at < to) {
      // What the clock skips fires when it goes on.
      for (let wall = at + before * minute; wall < at + offset * minute; wall += minute) {
        if (matches(wall)) fires.add(at);
      }
    }
    for (let utc = Math.max(at, from); utc < Math.min(end, to); utc += minute) {
      const wall = utc + offset * minute;
      // A fold: what the clock has shown before has fired before.
      if (fixed && before > offset && wall < at + before * minute) continue;
      if (matches(wall)) fires.add(utc);
    }
  }
  return [...fires].sort((a, b) => a - b);
}

/** When a schedule fires, in plain words where there are some. */

export interface When {
  cron: string | null;
  /** Milliseconds. */
  every_ms: number | null;
}

export const units = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;
export type Unit = keyof typeof units;

/** An interval in the largest unit that it is a whole number of; milliseconds in seconds with a fraction. */
export function inUnit(ms: number): { n: number; unit: Unit } {
  const unit = (['days', 'hours', 'minutes'] as const).find((each) => ms % units[each] === 0) ?? 'seconds';
  return { n: ms / units[unit], unit };
}

/** Undefined for a pattern that is said best by itself. */
export function inWords({ cron, every_ms }: When): string | undefined {
  if (every_ms !== null) {
    const { n, unit } = inUnit(every_ms);
    return everyN(n, unit);
  }
  const fields = cron?.trim().split(/\s+/) ?? [];
  if (fields.length !== 5) return undefined;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  if (month !== '*') return undefined;
  const days = daysOf(day, weekday);
  const times = timesOf(minute, hour);
  if (!days || !times) return undefined;
  return times.startsWith('every') && days === 'every day' ? times : `${days} ${times}`;
}

const everyN = (n: number, unit: Unit) => (n === 1 ? `every ${unit.slice(0, -1)}` : `every ${n} ${unit}`);

const within = (text: string, most: number) => /^\d{1,2}$/.test(text) && Number(text) <= most;
const padded = (text: string) => text.padStart(2, '0');

/** A step that divides its whole, so that it is the same all the time; 1 for `*`. */
function stepOf(text: string, whole: number): number | undefined {
  if (text === '*') return 1;
  const step = Number(/^\*\/(\d{1,2})$/.exec(text)?.[1]);
  return step > 0 && whole % step === 0 ? step : undefined;
}

function timesOf(minute: string, hour: string): string | undefined {
  const minutes = stepOf(minute, 60);
  if (minutes !== undefined) return hour === '*' ? everyN(minutes, 'minutes') : undefined;
  if (!within(minute, 59)) return undefined;
  const hours = stepOf(hour, 24);
  if (hours !== undefined) return `${everyN(hours, 'hours')} at :${padded(minute)}`;
  const at = hour.split(',');
  if (!at.every((each) => within(each, 23))) return undefined;
  return `at ${listed(at.map((each) => `${padded(each)}:${padded(minute)}`))}`;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function weekdayOf(text: string): string | undefined {
  if (/^[0-7]$/.test(text)) return weekdays[Number(text) % 7];
  return text.length === 3
    ? weekdays.find((each) => each.slice(0, 3).toLowerCase() === text.toLowerCase())
    : undefined;
}

function daysOf(day: string, weekday: string): string | undefined {
  if (day === '*' && weekday === '*') return 'every day';
  if (weekday === '*')
    return within(day, 31) && day !== '0' ? `on day ${Number(day)} of every month` : undefined;
  if (day !== '*') return undefined;
  const range = weekday.split('-');
  const names = (range.length === 2 ? range : weekday.split(',')).map(weekdayOf);
  if (!names.every((each) => each !== undefined)) return undefined;
  return range.length === 2 ? `${names[0]} to ${names[1]}` : `every ${listed(names)}`;
}

const listed = (words: string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/**
 * When a schedule fires. Pure: instants in, instants out.
 *
 * Cron patterns have five fields, or six with seconds first, and are read on the clock of their time zone. Where that
 * clock is set forward, a pattern that names its hours and minutes fires at the first moment after the gap; where it is
 * set back, such a pattern fires once, the first time. Patterns with `*` or a step in their seconds, minutes or hours
 * keep to what the clock shows: they have no fire in a gap, and fires in both of two equal hours. A date that a zone left
 * out altogether has none.
 * `every` counts from an anchor and knows no clock.
 */
import { Cron } from 'croner';

export interface Timing {
  cron: string | null;
  everyMs: number | null;
  /** IANA name, such as Europe/Zurich. */
  timezone: string;
  /** RFC 3339; `every` counts from here. */
  anchor: string;
}

/** What is wrong with a timing, as a sentence; undefined when it fires some time. */
export function timingProblem(timing: Timing): string | undefined {
  if (!isTimezone(timing.timezone))
    return `timezone ${timing.timezone} is not known; use a name such as Europe/Zurich`;
  if (timing.cron === null) return undefined;
  try {
    if (nextFire(timing, new Date())) return undefined;
  } catch (error) {
    return `cron ${JSON.stringify(timing.cron)}: ${(error as Error).message.replace(/^Cron\w*: /, '')}`;
  }
  return `cron ${JSON.stringify(timing.cron)} never fires`;
}

/** The first fire after an instant; undefined when there is none. */
export function nextFire({ cron, everyMs, timezone, anchor }: Timing, after: Date): Date | undefined {
  if (cron !== null) return patternOf(cron, timezone).nextRun(after) ?? undefined;
  const start = Date.parse(anchor);
  const count = Math.floor((after.getTime() - start) / (everyMs as number)) + 1;
  return new Date(start + Math.max(0, count) * (everyMs as number));
}

/** The next `count` fires after an instant. */
export function nextFires(timing: Timing, after: Date, count: number): Date[] {
  const fires: Date[] = [];
  for (let last = after; fires.length < count; ) {
    const next = nextFire(timing, last);
    if (!next) break;
    fires.push(next);
    last = next;
  }
  return fires;
}

/** After a long pause of the leader the newest of so many fires are decided, and older ones are forgotten. */
export const mostFires = 1_000;
const hour = 3_600_000;
const spans = [400 * 24 * hour, 30 * 24 * hour, 24 * hour, hour, hour / 4];

/** Fires from `first`, which is one, up to `until`; the newest when there are too many. */
export function firesBetween(timing: Timing, first: Date, until: Date): Date[] {
  const from = (after: Date, before: Date[]) => {
    const fires = before;
    for (let last = after; fires.length <= mostFires; ) {
      const next = nextFire(timing, last);
      if (!next || next > until) break;
      fires.push(next);
      last = next;
    }
    return fires;
  };
  let fires = from(first, [first]);
  for (const span of spans) {
    if (fires.length <= mostFires) break;
    const after = new Date(until.getTime() - span);
    if (after > first) fires = from(after, []);
  }
  return fires.slice(-mostFires);
}

const patterns = new Map<string, Cron>();

function patternOf(cron: string, timezone: string): Cron {
  const key = `${timezone} ${cron}`;
  const known = patterns.get(key);
  if (known) return known;
  if (patterns.size >= 1_000) patterns.clear();
  const pattern = new Cron(cron, {
    timezone,
    mode: '5-or-6-parts',
    fixedTimeRule: 'no-wildcard',
    paused: true,
  });
  patterns.set(key, pattern);
  return pattern;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

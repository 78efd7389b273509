/** Ranges as they are told: three instants, RFC 3339 in UTC. */

export interface Range {
  p10: string;
  p50: string;
  p90: string;
}

export type Offsets = readonly [p10: number, p50: number, p90: number];

export const instant = (ms: number): string => new Date(ms).toISOString();

/** From offsets in milliseconds; null where one of them is not finite: nothing will run the job as things are. */
export function rangeOf(fromMs: number, offsets: Offsets): Range | null {
  if (!offsets.every(Number.isFinite)) return null;
  const [p10, p50, p90] = offsets.map((ms) => instant(fromMs + ms)) as [string, string, string];
  return { p10, p50, p90 };
}

/**
 * When a job ends that starts within a range. The deviations of start and run time are taken as independent, each side
 * of the median for itself; the 10th percentile of a log-normal run time is its median squared over its 90th.
 */
export function endOf([s10, s50, s90]: Offsets, { p50Ms, p90Ms }: { p50Ms: number; p90Ms: number }): Offsets {
  const early = Math.hypot(s50 - s10, p50Ms - p50Ms ** 2 / Math.max(p90Ms, p50Ms, 1e-9));
  const late = Math.hypot(s90 - s50, Math.max(0, p90Ms - p50Ms));
  const p50 = s50 + p50Ms;
  return [Math.max(s10, p50 - early), p50, p50 + late];
}

/** 90 s becomes 1 min 30 s: the two largest units, nothing below a second but for short times. */
export function spoken(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];
  const whole = Math.round(seconds);
  const first = units.findIndex(([, size]) => whole >= size);
  const [name, size] = units[first] as [string, number];
  const [nextName, nextSize] = units[first + 1] ?? ['', 1];
  const rest = Math.floor((whole % size) / nextSize);
  const more = nextName === '' || rest === 0 ? '' : ` ${rest} ${nextName}`;
  return `${Math.floor(whole / size)} ${name}${more}`;
}

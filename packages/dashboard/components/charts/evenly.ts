import type { TimePoint } from './time-chart.tsx';

interface Axis {
  minutes: number;
  /** In milliseconds. */
  step: number;
  series: number;
}

/** The points of every bucket of the last `minutes`, with zeros where none is kept. */
export function evenly(points: TimePoint[], { minutes, step, series }: Axis, now = Date.now()): TimePoint[] {
  const known = new Map(points.map((point) => [point.at, point]));
  const last = Math.floor(now / step) * step;
  const buckets = Math.ceil((minutes * 60_000) / step);
  return Array.from({ length: buckets }, (_, n) => {
    const at = last - (buckets - 1 - n) * step;
    return known.get(at) ?? { at, values: Array.from({ length: series }, () => 0) };
  });
}

/** Points that a short history keeps of the silence before it. */
const leastPoints = 24;

/** Without the time before anything happened, as long as enough points stay to tell a course. */
export function sinceFirst(points: TimePoint[]): TimePoint[] {
  const first = points.findIndex(({ values }) => values.some((value) => value > 0));
  if (first < 0) return points.slice(-leastPoints);
  return points.slice(Math.max(0, Math.min(first - 1, points.length - leastPoints)));
}

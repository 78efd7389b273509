/** Axes: where their marks stand. */

/** Round marks from 0 to at least `max`, `wanted` or a few more of them. */
export function niceMarks(max: number, wanted: number): number[] {
  if (!(max > 0)) return [0, 1];
  const raw = max / wanted;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((m) => m * magnitude >= raw) ?? 10) * magnitude;
  return upTo(max, step);
}

const second = 1_000;
const minute = 60_000;
const hour = 3_600_000;
const durations = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 240].map((n) => n * hour),
];

/** As `niceMarks` for milliseconds: steps that people count time in. */
export function durationMarks(max: number, wanted: number): number[] {
  if (!(max > 0)) return [0, second];
  const step = durations.find((each) => each >= max / wanted);
  return step ? upTo(max, step) : niceMarks(max, wanted);
}

function upTo(max: number, step: number): number[] {
  const marks: number[] = [];
  for (let n = 0; n === 0 || (marks.at(-1) as number) < max; n++) marks.push(n * step);
  return marks;
}

/** Round local times between two instants (milliseconds since 1970), at most `most`. */
export function timeMarks(from: number, to: number, most: number): number[] {
  const steps = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * minute);
  const step = steps.find((each) => (to - from) / each <= most) ?? (to - from) / most;
  const offset = new Date(from).getTimezoneOffset() * minute;
  const marks: number[] = [];
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) marks.push(at);
  return marks;
}

/** Powers of ten around the range, for a logarithmic axis. */
export function decades(min: number, max: number): number[] {
  const marks: number[] = [];
  for (let e = Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); e++) marks.push(10 ** e);
  return marks;
}

/** Limits on the command line: `--running 5 --starts 100/m`, each with `none` to lift it. */
import { type Command, InvalidArgumentError } from 'commander';
import type { LimitChange, Rate } from '../jobs/limits.ts';

const seconds = { s: 1, m: 60, h: 3_600 } as const;

export interface LimitOptions {
  running?: number | null;
  starts?: Rate | null;
  burst?: number;
}

export const withLimitOptions = (command: Command): Command =>
  command
    .option('--running <n>', 'jobs that may run at the same time; none lifts the limit', runningOf)
    .option(
      '--starts <rate>',
      'starts in a second, minute or hour, as 10/s, 100/m, 500/h; none lifts the limit',
      rateOf,
    )
    .option('--burst <n>', 'with --starts: starts at once; by default those of a second', burstOf);

/** Throws when there is nothing to change. */
export function changeOf({ running, starts, burst }: LimitOptions): LimitChange {
  if (running === undefined && starts === undefined)
    throw new Error('Say what to limit: --running, --starts or both.');
  if (burst !== undefined && !starts) throw new Error('--burst belongs to --starts.');
  return { max: running, rate: starts && { ...starts, burst } };
}

function runningOf(text: string): number | null {
  if (text === 'none') return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 100_000)
    throw new InvalidArgumentError('A whole number from 0 to 100000, or none, is expected.');
  return value;
}

export function rateOf(text: string): Rate | null {
  if (text === 'none') return null;
  const [, starts, unit] = /^(\d+(?:\.\d+)?)\/([smh])$/.exec(text) ?? [];
  if (!starts || !(Number(starts) > 0))
    throw new InvalidArgumentError('A rate such as 10/s, 100/m or 500/h, or none, is expected.');
  return { starts: Number(starts), perSeconds: seconds[unit as keyof typeof seconds] };
}

function burstOf(text: string): number {
  const value = Number(text);
  if (!(value >= 1)) throw new InvalidArgumentError('A number of at least 1 is expected.');
  return value;
}

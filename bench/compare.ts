/** Contestants take turns, round by round, in one run: the machine's moods hit all alike, and ratios are per round. */
import type { Tuning } from './contestant.ts';
import { type Line, linesOf } from './line.ts';
import type { Stage } from './stage.ts';

/** Numbers of one window, by name. */
export type Figures = Record<string, number>;

/** One measurement, made of every contestant in the same way. */
export interface Comparison {
  benchmark: string;
  tuning: Tuning;
  measure(stage: Stage, name: string, size: Size): Promise<Figures>;
}

export interface Size {
  /** Of so many jobs, as many as this run's scale leaves: full thousands, at least one. */
  jobs(full: number): number;
  /** Of so many repetitions or seconds, at least `least`. */
  times(full: number, least: number): number;
}

/** 1 is the real thing; small values only show that the scripts run. */
const sizeOf = (scale: number): Size => ({
  jobs: (full) => Math.max(1_000, Math.round((full * scale) / 1_000) * 1_000),
  times: (full, least) => Math.max(least, Math.round(full * scale)),
});

/** One measurement and who takes part: the others' ratios are made with the first. */
export interface Measurement {
  comparison: Comparison;
  contestants: string[];
}

export interface Options {
  rounds: number;
  scale: number;
  /** A window in which other work took more processors than this is measured again, five times at most. */
  quiet: number;
}

export async function compare(
  stage: Stage,
  { comparison, contestants }: Measurement,
  { rounds, scale, quiet }: Options,
): Promise<Line[]> {
  const { benchmark, tuning } = comparison;
  const results = new Map<string, Figures[]>(contestants.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const name = contestants[(turn + round) % contestants.length] as string;
      let figures: Figures = {};
      for (let attempt = 1; attempt <= 5; attempt++) {
        await stage.prepare(name, tuning);
        figures = await comparison.measure(stage, name, sizeOf(scale));
        if ((figures.foreign_cpus ?? 0) <= quiet) break;
      }
      // What is left behind would be vacuumed in somebody else's window.
      await stage.prepare(name, tuning);
      results.get(name)?.push(figures);
      console.error(`${benchmark} ${round + 1}/${rounds} ${name}: ${JSON.stringify(figures)}`);
    }
  }
  return linesOf(stage, benchmark, scale, results);
}

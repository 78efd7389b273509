/** Contestants take turns, round by round, in one run: the machine's moods hit all alike, and ratios are per round. */
import { cpus, totalmem } from 'node:os';
import type { Tuning } from './contestant.ts';
import { openStage, type Stage } from './stage.ts';

export interface Options {
  rounds: number;
  contestants: string[];
  /** Multiplies the numbers of jobs: 1 is the real thing, small values only show that the scripts run. */
  scale: number;
}

/** Numbers of one window, or of one variant of it, by name; the first is the one that ratios are made of. */
export type Figures = Record<string, number>;

export interface Comparison {
  benchmark: string;
  /** Whether more of the first number is better. */
  moreIsBetter: boolean;
  tuning: Tuning;
  measure(stage: Stage, name: string, scale: number): Promise<Figures>;
}

const scaled = (jobs: number, scale: number): number =>
  Math.max(1_000, Math.round((jobs * scale) / 1_000) * 1_000);
export const jobsOf = scaled;

/** Prints a line of JSON per contestant: medians, ranges, and the ratio of RavenMQ to it, round by round. */
export async function compare(comparison: Comparison, options: Options): Promise<object[]> {
  const { contestants, rounds, scale } = options;
  const stage = await openStage(contestants.includes('bullmq'));
  const results = new Map<string, Figures[]>(contestants.map((name) => [name, []]));
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < contestants.length; turn++) {
        const name = contestants[(turn + round) % contestants.length] as string;
        await stage.prepare(name, comparison.tuning);
        const figures = await comparison.measure(stage, name, scale);
        results.get(name)?.push(figures);
        console.error(`${comparison.benchmark} ${round + 1}/${rounds} ${name}: ${JSON.stringify(figures)}`);
      }
    }
    const lines = await Promise.all(contestants.map((name) => lineOf(comparison, stage, results, name)));
    for (const line of lines) console.log(JSON.stringify(line));
    return lines;
  } finally {
    await stage.close();
  }
}

async function lineOf(
  { benchmark }: Comparison,
  stage: Stage,
  results: Map<string, Figures[]>,
  name: string,
): Promise<object> {
  const { rows } = await stage.pool.query('show server_version');
  const runs = results.get(name) as Figures[];
  const figures = Object.keys(runs[0] as Figures).map((key) => {
    const values = runs.map((run) => run[key] as number);
    const ours = results.get('ravenmq')?.map((run) => run[key] as number);
    const ratios = name === 'ravenmq' ? undefined : ours?.map((value, n) => value / (values[n] as number));
    return [key, { ...spread(values), ...(ratios && { ratio: spread(ratios) }) }];
  });
  return {
    benchmark,
    contestant: name,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    postgresql: rows[0].server_version,
    rounds: runs.length,
    ...Object.fromEntries(figures),
  };
}

const spread = (values: number[]) => ({
  median: round(quantile(values, 0.5)),
  min: round(Math.min(...values)),
  max: round(Math.max(...values)),
});

/** The value below which the share `q` of the values lies. */
export function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

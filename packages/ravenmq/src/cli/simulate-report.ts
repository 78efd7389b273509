/** What `ravenmq simulate` prints and writes: the table, at most 140 columns wide, and every job of every replay. */
import type { Comparison, Replay, Result } from '../simulator/compare.ts';
import type { Schedule } from '../simulator/simulate.ts';
import type { ReplayedJob } from '../simulator/trace.ts';

const titles = [
  'policy',
  'predictor',
  'mean wait',
  'slowdown',
  'p95',
  'p99',
  'p99 wait',
  'max wait',
  'gap wait/slowd.',
  'log error',
  'mis-order',
];
/** Columns of words; the others are figures, to the right. */
const words = 2;

/** A row per order and predictor: means over the seeds. */
export function tableOf({ results }: Comparison): string[] {
  const groups = Map.groupBy(results, ({ policy, predictor }) => `${policy} ${predictor}`);
  return align([titles, ...[...groups.values()].map(rowOf)]);
}

function rowOf(results: Result[]): string[] {
  const [{ policy, predictor }] = results as [Result];
  const mean = (of: (result: Result) => number) =>
    results.reduce((sum, result) => sum + of(result), 0) / results.length;
  const predicts = predictor !== '';
  return [
    policy,
    predictor || '-',
    seconds(mean(({ figures }) => figures.meanWaitMs)),
    mean(({ figures }) => figures.slowdown).toFixed(2),
    mean(({ figures }) => figures.p95Slowdown).toFixed(1),
    mean(({ figures }) => figures.p99Slowdown).toFixed(1),
    seconds(mean(({ figures }) => figures.p99WaitMs)),
    seconds(mean(({ figures }) => figures.maxWaitMs)),
    `${mean(({ gap }) => gap.wait).toFixed(1)} / ${mean(({ gap }) => gap.slowdown).toFixed(1)}`,
    predicts ? mean(({ figures }) => figures.logError).toFixed(3) : '-',
    predicts ? mean(({ figures }) => figures.misorder).toFixed(3) : '-',
  ];
}

/** Three digits are enough: 0.52 s, 17.3 s, 1,737 s. */
function seconds(ms: number): string {
  const value = ms / 1_000;
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} s`;
}

function align(rows: string[][]): string[] {
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column < words ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}

export const scheduleTitles =
  'policy,predictor,seed,job_id,submit_s,start_s,end_s,predicted_p50_s,predicted_p90_s,predicted_mean_s';

/** A line per job, in the order of submission; times in seconds since the first submission. */
export function scheduleLines(replay: Replay, jobs: readonly ReplayedJob[], schedule: Schedule): string {
  const { policy, predictor, seed } = replay;
  const s = (ms: number | undefined) => Number(((ms ?? 0) / 1_000).toFixed(3));
  const lines = jobs.map(({ id, submitMs, runtimeMs }, n) => {
    const startMs = schedule.startMs[n] as number;
    const times = [submitMs, startMs, startMs + runtimeMs].map(s);
    const predicted =
      predictor === '' ? ['', '', ''] : [schedule.p50Ms[n], schedule.p90Ms[n], schedule.meanMs[n]].map(s);
    return [policy, predictor, seed, quoted(id), ...times, ...predicted].join(',');
  });
  return `${lines.join('\n')}\n`;
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

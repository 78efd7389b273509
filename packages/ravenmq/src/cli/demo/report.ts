/** The demo's tables and sentences, at most 100 columns wide. */
import type { Job } from '@ravenmq/client';
import { type Comparison, mean, median, type Run } from './replay.ts';

export interface Ended {
  organization: string;
  /** Place in the order of submission, over both organizations. */
  place: number;
  job: Job;
}

const formatMs = (value: number | undefined) =>
  value === undefined ? '-' : value >= 1_000 ? `${(value / 1_000).toFixed(1)} s` : `${Math.round(value)} ms`;

/** When a job became ready to run: at submission, or at its run_at. */
const readyAt = (job: Job): number =>
  Math.max(Date.parse(job.created_at), Date.parse(job.run_at ?? job.created_at));

const waitOf = (job: Job): number => Date.parse(job.started_at as string) - readyAt(job);

/** It ran exactly once, so that its times are those of its only attempt. */
const ranOnce = ({ job }: Ended) =>
  job.retry_count === 0 && job.started_at !== null && job.runtime_ms !== null;

export function runsOf(ended: Ended[]): Run[] {
  return ended.filter(ranOnce).map(({ organization, place, job }) => ({
    lane: organization,
    place,
    readyMs: readyAt(job),
    startedMs: Date.parse(job.started_at as string),
    runtimeMs: job.runtime_ms as number,
  }));
}

/** One row per organization and type. */
export function outcomeTable(ended: Ended[]): string[] {
  const titles = ['organization', 'type', 'jobs', 'done', 'failed', 'cancelled', 'mean wait'];
  const groups = Map.groupBy(ended, ({ organization, job }) => `${organization} ${job.type}`);
  const rows = [...groups].toSorted(byKey).map(([key, group]) => {
    const count = (status: string) => String(group.filter(({ job }) => job.status === status).length);
    const waits = group.filter(ranOnce).map(({ job }) => waitOf(job));
    return [
      ...key.split(' '),
      String(group.length),
      ...['done', 'failed', 'cancelled'].map(count),
      formatMs(mean(waits)),
      ...prediction(group),
    ];
  });
  return align([[...titles, ...predictionTitles], ...rows]);
}

/** One row per name of a job, slowest first: the series that are learned. */
export function seriesTable(ended: Ended[]): string[] {
  const groups = [...Map.groupBy(ended.filter(ranOnce), ({ job }) => `${job.name} ${job.type}`)];
  const slowness = (group: Ended[]) => median(group.map(({ job }) => job.runtime_ms as number)) ?? 0;
  const rows = groups
    .toSorted(([, a], [, b]) => slowness(b) - slowness(a))
    .map(([key, group]) => [...key.split(' '), String(group.length), ...prediction(group)]);
  return align([['series', 'type', 'runs', ...predictionTitles], ...rows]);
}

const predictionTitles = ['predicted', 'actual', 'ratio'];

/** Medians; the ratio is the median of predicted by actual, job by job. */
function prediction(group: Ended[]): string[] {
  const runs = group.filter(({ job }) => job.status !== 'cancelled' && job.runtime_ms !== null);
  const pairs = runs.map(({ job }) => [job.predicted_runtime_ms, job.runtime_ms as number] as const);
  const ratio = median(pairs.map(([predicted, actual]) => predicted / Math.max(actual, 1)));
  return [
    formatMs(median(pairs.map(([predicted]) => predicted))),
    formatMs(median(pairs.map(([, actual]) => actual))),
    ratio === undefined ? '-' : ratio.toFixed(2),
  ];
}

/** Plain sentences on how the order differed from first come, first served. */
export function orderSentences({ jobs, pairs, overtakings, all, lanes }: Comparison): string[] {
  return [
    `Order, over the ${jobs} jobs that ran once: of ${pairs} pairs of an organization that waited together,`,
    `${overtakings} started in another order than they became ready.`,
    `Mean wait ${formatMs(all.meanMs)}; first come, first served with the same runtimes and slots: ` +
      `${formatMs(all.fifoMeanMs)} (${verdict(all.meanMs, all.fifoMeanMs)}).`,
    ...[...lanes].toSorted(byKey).map(([lane, { meanMs, fifoMeanMs }]) => {
      return `    ${lane}: ${formatMs(meanMs)} against ${formatMs(fifoMeanMs)} (${verdict(meanMs, fifoMeanMs)})`;
    }),
  ];
}

function verdict(ms: number, fifoMs: number): string {
  if (fifoMs < 1) return ms < 1 ? 'the same' : 'more';
  const change = Math.round((1 - ms / fifoMs) * 100);
  if (change === 0) return 'the same';
  return change > 0 ? `${change} % less` : `${-change} % more`;
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

/** Words to the left, figures to the right: the first two columns are words. */
function align(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}

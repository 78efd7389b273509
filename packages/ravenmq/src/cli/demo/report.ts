import type { Job } from '@ravenmq/client';
import { type Comparison, mean, median } from './replay.ts';

export interface Ended {
  organization: string;
  job: Job;
}

const ms = (value: number | undefined) =>
  value === undefined ? '-' : value >= 1_000 ? `${(value / 1_000).toFixed(1)} s` : `${Math.round(value)} ms`;

/** When a job became ready to run: at submission, or at its run_at. */
export const readyAt = (job: Job): number =>
  Math.max(Date.parse(job.created_at), Date.parse(job.run_at ?? job.created_at));

/** Lines of a table: one row per organization and type. */
export function resultTable(ended: Ended[]): string[] {
  const header = [
    'organization',
    'type',
    'jobs',
    'done',
    'failed',
    'cancelled',
    'mean wait',
    'predicted',
    'actual',
    'ratio',
  ];
  const groups = Map.groupBy(ended, ({ organization, job }) => `${organization}\0${job.type}`);
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]) =>
      row(
        key,
        group.map((entry) => entry.job),
      ),
    );
  return align([header, ...rows]);
}

function row(key: string, jobs: Job[]): string[] {
  const [organization = '', type = ''] = key.split('\0');
  const count = (status: string) => String(jobs.filter((job) => job.status === status).length);
  const done = jobs.filter((job) => job.status === 'done' && job.runtime_ms !== null);
  const first = done.filter((job) => job.retry_count === 0);
  const ratio = median(done.map((job) => job.predicted_runtime_ms / Math.max(job.runtime_ms as number, 1)));
  return [
    organization,
    type,
    String(jobs.length),
    count('done'),
    count('failed'),
    count('cancelled'),
    ms(mean(first.map((job) => Date.parse(job.started_at as string) - readyAt(job)))),
    ms(median(done.map((job) => job.predicted_runtime_ms))),
    ms(median(done.map((job) => job.runtime_ms as number))),
    ratio === undefined ? '-' : ratio.toFixed(2),
  ];
}

function align(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Plain sentences on how the order differed from first come, first served. */
export function orderSentences(comparison: Comparison): string[] {
  const { jobs, overtakings, meanWaitMs, fifoMeanWaitMs } = comparison;
  const change = fifoMeanWaitMs > 0 ? (1 - meanWaitMs / fifoMeanWaitMs) * 100 : 0;
  const verdict =
    Math.abs(change) < 1
      ? 'about the same'
      : change > 0
        ? `${change.toFixed(0)} % less`
        : `${(-change).toFixed(0)} % more`;
  return [
    `Order: of ${jobs} jobs, ${overtakings} pairs started in another order than they became ready.`,
    `Mean wait ${ms(meanWaitMs)}; first come, first served on the same slots would have given ${ms(fifoMeanWaitMs)}: ${verdict}.`,
  ];
}

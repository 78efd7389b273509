import type { Job } from '@ravenmq/client';
import { expect, test } from 'vitest';
import { compareWithFifo } from './replay.ts';
import { type Ended, orderSentences, outcomeTable, runsOf, seriesTable } from './report.ts';

const at = (ms: number) => new Date(1_800_000_000_000 + ms).toISOString();

function ended(
  place: number,
  name: string,
  startedMs: number,
  runtimeMs: number,
  more: Partial<Job> = {},
): Ended {
  const job = {
    name,
    type: 'shell',
    status: 'done',
    created_at: at(0),
    run_at: null,
    started_at: at(startedMs),
    runtime_ms: runtimeMs,
    predicted_runtime_ms: 2 * runtimeMs,
    retry_count: 0,
    ...more,
  } as Job;
  return { organization: 'globex-abc123', place, job };
}

const jobs = [
  ended(0, 'archive', 100, 3_000),
  ended(1, 'checksum', 0, 100),
  ended(2, 'flaky', 900, 50, { retry_count: 1 }),
  ended(3, 'later', 2_010, 20, { run_at: at(2_000) }),
  ended(4, 'unwanted', 0, 0, { status: 'cancelled', started_at: null, runtime_ms: null }),
];

test('outcomes by organization and type', () => {
  expect(outcomeTable(jobs)).toEqual([
    'organization   type   jobs  done  failed  cancelled  mean wait  predicted  actual  ratio',
    'globex-abc123  shell     5     4       0          1      37 ms     200 ms  100 ms   2.00',
  ]);
});

test('series, slowest first, of jobs that ran once', () => {
  expect(seriesTable(jobs)).toEqual([
    'series    type   runs  predicted  actual  ratio',
    'archive   shell     1      6.0 s   3.0 s   2.00',
    'checksum  shell     1     200 ms  100 ms   2.00',
    'later     shell     1      40 ms   20 ms   2.00',
  ]);
});

test('a wait counts from run_at, and what was retried or never ran is left out of the comparison', () => {
  expect(runsOf(jobs).map((run) => [run.place, run.startedMs - run.readyMs])).toEqual([
    [0, 100],
    [1, 0],
    [3, 10],
  ]);
});

test('sentences say better and worse alike, within 100 columns', () => {
  const better = orderSentences(compareWithFifo(runsOf(jobs), 1));
  expect(better.join('\n')).toMatch(/^Mean wait 37 ms; .*: 1\.4 s \(97 % less\)\.$/m);

  const worse = orderSentences(compareWithFifo(runsOf(jobs), 4));
  expect(worse.join('\n')).toMatch(/^ {4}globex-abc123: 37 ms against 0 ms \(more\)$/m);

  for (const line of [...better, ...worse, ...outcomeTable(jobs)])
    expect(line.length).toBeLessThanOrEqual(100);
});

/** The questions by name, each one or more measurements and who takes part in them. */
import type { Comparison, Measurement } from './compare.ts';
import { backlog } from './questions/backlog.ts';
import { drain } from './questions/drain.ts';
import { pickup } from './questions/pickup.ts';
import { pinnedArrivals, pinnedRounds, pinnedStream } from './questions/pinned.ts';
import { submit } from './questions/submit.ts';

export interface Question {
  meaning: string;
  measurements: Measurement[];
}

export const peers = ['pg-boss', 'graphile-worker', 'bullmq'];
const inDatabase = ['pg-boss', 'graphile-worker'];
const ravenmq = (others: string[], ...comparisons: Comparison[]): Measurement[] =>
  comparisons.map((comparison) => ({ comparison, contestants: ['ravenmq', ...others] }));
const quiet = ['ravenmq-quiet', ...peers];
const rest = ['ravenmq-rest', 'ravenmq-sdk', 'bare-http'];

export const questions: Record<string, Question> = {
  drain: {
    meaning: '50,000 waiting jobs, handlers that do nothing, one and two workers',
    measurements: ravenmq([...peers, 'bare-sql'], drain('drain'), drain('drain-2', 2)),
  },
  submit: {
    meaning: 'one by one: 10 and 32 callers, 20 processes, inside the caller’s transaction',
    measurements: [
      ...ravenmq(quiet, submit('submit-10', { how: 'one', callers: 10 })),
      ...ravenmq(quiet, submit('submit-32', { how: 'one', callers: 32 })),
      ...ravenmq(peers, submit('submit-processes', { how: 'one', callers: 1, processes: 20 })),
      ...ravenmq([...inDatabase, 'bare-sql'], submit('submit-tx', { how: 'in transaction', callers: 10 })),
    ],
  },
  bulk: {
    meaning: 'a thousand jobs a call, one and four callers',
    measurements: ravenmq(
      [...peers, 'bare-sql'],
      submit('bulk', { how: 'many', callers: 1 }),
      submit('bulk-4', { how: 'many', callers: 4 }),
    ),
  },
  latency: {
    meaning: 'from the submission to the start of the handler, nothing else to do',
    measurements: ravenmq(peers, pickup('latency')),
  },
  mixed: {
    meaning: '500 jobs a second one by one while a worker drains',
    measurements: ravenmq(peers, pickup('mixed')),
  },
  backlog: {
    meaning: '20,000 jobs while 10,000 and 1,000,000 more wait',
    measurements: ravenmq(
      [...inDatabase, 'bare-sql'],
      backlog('backlog-small', 10_000),
      backlog('backlog-million', 1_000_000),
    ),
  },
  pinned: {
    meaning: 'while a snapshot is held: ten rounds, ten with arrivals, a minute of 1,000 jobs a second',
    measurements: [
      ...ravenmq([...inDatabase, 'bare-sql'], pinnedRounds, pinnedArrivals),
      ...ravenmq(inDatabase, pinnedStream),
    ],
  },
  floor: {
    meaning:
      'the drain and the bulk by SQL alone: the same writes in two forms, and the least a queue can do',
    measurements: ravenmq(
      ['bare-sql', 'bare-fused', 'minimal-sql'],
      drain('floor-drain'),
      submit('floor-bulk', { how: 'many', callers: 1 }),
    ),
  },
  api: {
    meaning: 'through the REST API, our client of it, and a bare HTTP server, against the library',
    measurements: ravenmq(
      rest,
      submit('api-10', { how: 'one', callers: 10 }),
      submit('api-32', { how: 'one', callers: 32 }),
      submit('api-bulk', { how: 'many', callers: 1 }),
    ),
  },
  history: {
    meaning: 'a million finished jobs in the history, or --history of them',
    measurements: ravenmq(
      ['ravenmq-history'],
      drain('history-drain'),
      submit('history-submit', { how: 'one', callers: 10 }),
    ),
  },
  fairness: {
    meaning: '100 organizations, limits and mixed predictions against the plain drain',
    measurements: ravenmq(['ravenmq-mixed'], drain('fairness')),
  },
};

/** Every script, every kind of contestant of ours and every mode once, as briefly as can be. */
export const smoke: Measurement[] = [
  { comparison: drain('smoke-drain'), contestants: ['ravenmq', 'bare-fused', 'minimal-sql'] },
  {
    comparison: submit('smoke-tx', { how: 'in transaction', callers: 10 }),
    contestants: ['ravenmq-quiet', 'bare-sql'],
  },
  {
    comparison: submit('smoke-api', { how: 'many', callers: 1 }),
    contestants: rest,
  },
  { comparison: backlog('smoke-backlog', 1_000), contestants: ['ravenmq-history'] },
  ...ravenmq([], pickup('latency'), pinnedRounds, pinnedArrivals, pinnedStream),
  { comparison: drain('smoke-fairness', 2), contestants: ['ravenmq-mixed'] },
];

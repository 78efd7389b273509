/** Every assertion of the harness can fail: each case breaks one thing about a sound trial. */
import { expect, test } from 'vitest';
import type { Evidence } from './evidence.ts';
import { type Assertion, judge, type Verdicts } from './judge.ts';
import { first, healedAt, second, sound } from './sound-trial.ts';

const verdicts = (evidence: Evidence): Verdicts =>
  judge(evidence, {
    stale: true,
    recoverWithinMs: 5_000,
    stopWithinMs: 5_000,
    leaderlessMs: 3_200,
    healedAt,
  });

test('a sound trial passes every assertion', () => {
  for (const [name, problems] of Object.entries(verdicts(sound()))) {
    expect(problems ?? [], name).toEqual([]);
  }
});

const cases: [assertion: Assertion, what: string, break_: (evidence: Evidence) => void][] = [
  ['A1', 'an acknowledged job is gone', (e) => void e.jobs.shift()],
  [
    'A1',
    'a job has not ended',
    (e) => {
      first(e.jobs).status = 'running';
    },
  ],
  [
    'A1',
    'a job ended as something it cannot',
    (e) => {
      first(e.jobs).status = 'failed';
    },
  ],
  ['A1', 'one key was answered with two ids', (e) => void first(e.submissions).ids.push('job-9')],
  ['A2', 'a job was never submitted', (e) => void e.submissions.shift()],
  [
    'A2',
    'a refused job exists',
    (e) => {
      first(e.submissions).outcome = 'fail';
    },
  ],
  ['A2', 'two jobs have one key', (e) => void e.jobs.push({ ...first(e.jobs), id: 'job-9' })],
  [
    'A2',
    'a job started that does not exist',
    (e) => {
      first(e.reports).job = 'job-9';
    },
  ],
  [
    'A3',
    'a job ended twice',
    (e) => void e.events.push({ job: 'job-1', from: null, to: 'failed', fence: 1, at: 300 }),
  ],
  [
    'A3',
    'a job never ended',
    (e) => {
      e.events = e.events.filter((event) => event.job !== 'job-1');
    },
  ],
  [
    'A3',
    'an illegal move',
    (e) => {
      e.events = e.events.filter((one) => one.to !== 'running' || one.fence < 2);
    },
  ],
  [
    'A3',
    'two final attempts',
    (e) => {
      second(e.logs).final = true;
    },
  ],
  [
    'A4',
    'a fence went back',
    (e) => {
      for (const event of e.events) if (event.fence === 2) event.fence = 1;
    },
  ],
  [
    'A4',
    'an older fence ended the job',
    (e) => {
      first(e.events.filter((event) => event.job === 'job-2').reverse()).fence = 1;
    },
  ],
  [
    'A4',
    'the result is of an older fence',
    (e) => {
      second(e.jobs).resultFence = 1;
    },
  ],
  ['A4', 'an attempt is recorded twice', (e) => void e.logs.push({ ...first(e.logs), final: false })],
  [
    'A4',
    'nothing stale was seen',
    (e) => {
      e.staleFinishes = 0;
    },
  ],
  [
    'A5',
    'the fenced effect is of an older fence',
    (e) => {
      second(e.fenced).fence = 1;
    },
  ],
  ['A5', 'an effect is missing', (e) => void e.fenced.shift()],
  [
    'A5',
    'an effect was repeated without a fault',
    (e) => {
      e.effects.push({ job: 'job-2', fence: 1 });
    },
  ],
  [
    'A5',
    'more effects than starts',
    (e) => {
      e.deeds.kills = 1;
      e.effects.push({ job: 'job-1', fence: 2 });
    },
  ],
  [
    'A5',
    'an effect of no job',
    (e) => {
      first(e.effects).job = 'job-9';
    },
  ],
  [
    'A6',
    'an attempt is not counted',
    (e) => {
      second(e.jobs).retryCount = 0;
    },
  ],
  ['A6', 'an attempt is not recorded', (e) => void e.logs.splice(1, 1)],
  [
    'A6',
    'more attempts than allowed',
    (e) => {
      second(e.jobs).maxRetries = 0;
    },
  ],
  ['A6', 'an attempt started twice', (e) => void e.reports.push({ ...first(e.reports) })],
  ['A6', 'an attempt started without a claim', (e) => void e.reports.push({ ...first(e.reports), fence: 7 })],
  ['A6', 'an attempt is recorded that never started', (e) => void e.reports.shift()],
  [
    'A6',
    'a done job has no successful attempt',
    (e) => {
      first(e.logs).outcome = 'failed';
    },
  ],
  [
    'A8',
    'a term was skipped',
    (e) => {
      second(e.terms).term = 3;
    },
  ],
  [
    'A8',
    'a term began before the last',
    (e) => {
      second(e.terms).electedAt = -1;
    },
  ],
  [
    'A8',
    'nobody led for too long',
    (e) => {
      second(e.terms).electedAt = 9_000;
    },
  ],
  [
    'A8',
    'nobody ever led',
    (e) => {
      e.terms = [];
    },
  ],
  ['A8', 'an old leader wrote', (e) => void e.staleWrites.push({ by: 'a', what: 'job_live' })],
  [
    'A9',
    'a limit was passed',
    (e) => {
      for (const job of e.jobs) job.concurrencyKey = 'k';
    },
  ],
  [
    'A9',
    'a job is in another organization',
    (e) => {
      first(e.submissions).org = 'org-2';
    },
  ],
  [
    'A9',
    'a job ran for another organization',
    (e) => {
      first(e.reports).tenant = 'org-2';
    },
  ],
  [
    'A10',
    'a job is still open',
    (e) => {
      first(e.jobs).status = 'queued';
    },
  ],
  [
    'A10',
    'a lease expired long ago',
    (e) => {
      e.stuck = 1;
    },
  ],
  [
    'A10',
    'the first start took too long',
    (e) => {
      first(e.recoveries).ms = 6_000;
    },
  ],
  [
    'A10',
    'a cancel was never answered',
    (e) => void e.cancels.push({ id: 'job-1', askedAt: 1, ackedAt: undefined }),
  ],
  [
    'A10',
    'a cancel took too long',
    (e) => {
      e.cancels.push({ id: 'job-1', askedAt: 1, ackedAt: 2 });
      e.events.push({ job: 'job-1', from: null, to: 'cancelled', fence: 1, at: healedAt + 11_000 });
    },
  ],
  [
    'A11',
    'a process was killed by something else',
    (e) => {
      first(e.exits).doomed = false;
    },
  ],
  [
    'A11',
    'a process ended with an error',
    (e) => {
      Object.assign(first(e.exits), { code: 1, signal: null, doomed: false });
    },
  ],
  ['A11', 'a crash left words', (e) => void e.alarms.push('worker-1: TypeError')],
  [
    'A11',
    'a process is left',
    (e) => {
      e.left.processes = 1;
    },
  ],
  [
    'A11',
    'a connection is left',
    (e) => {
      e.left.connections = 1;
    },
  ],
  [
    'A11',
    'a lock is left',
    (e) => {
      e.left.locks = 1;
    },
  ],
  ['A11', 'a stop took longer than its grace', (e) => void e.stops.push(60_000)],
];

test.each(cases)('%s fails when %s', (assertion, _, break_) => {
  const evidence = sound();
  break_(evidence);
  expect(verdicts(evidence)[assertion]).not.toEqual([]);
});

test('more than a term and two seconds without a leader count only while the database was there', () => {
  const evidence = sound();
  (evidence.terms[1] as { electedAt: number }).electedAt = 12_000;
  evidence.outages.push({ from: 5_500, to: 11_000 });
  expect(verdicts(evidence).A8).toEqual([]);
});

/** What a primary took with it that died without its standby having it is no failure, and nothing else is excused. */
import { expect, test } from 'vitest';
import { lostAcknowledgements } from './checks/submissions.ts';
import { type Evidence, isClaim, nothingLost } from './evidence.ts';
import { judge } from './judge.ts';
import { first, healedAt, second, sound } from './sound-trial.ts';

const problems = (evidence: Evidence): string[] =>
  Object.values(
    judge(evidence, {
      stale: true,
      recoverWithinMs: 5_000,
      stopWithinMs: 5_000,
      leaderlessMs: 3_200,
      healedAt,
    }),
  ).flatMap((found) => found ?? []);

/** Job 1 is on the dead primary only, with everything that was done for it. */
function jobLost(evidence: Evidence): void {
  evidence.lost.jobs.push({ id: 'job-1', key: 'key-1' });
  evidence.lost.events.push(...evidence.events.filter((event) => event.job === 'job-1'));
  evidence.jobs.shift();
  evidence.logs.shift();
  evidence.events = evidence.events.filter((event) => event.job !== 'job-1');
  evidence.cancels.push({ id: 'job-1', askedAt: 1, ackedAt: undefined });
  // A handler that still ran applied its effect through the new primary.
  evidence.fenced.shift();
}

/** The claim of job 1 is lost, and made again with the same fence: two starts. */
function claimLost(evidence: Evidence): void {
  const claim = evidence.events.find((event) => event.job === 'job-1' && isClaim(event));
  if (claim) evidence.lost.events.push({ ...claim, at: claim.at - 50 });
  evidence.reports.push({ ...first(evidence.reports) });
}

/** Job 2 had its effect applied; then the sink lost it. */
function effectLost(evidence: Evidence): void {
  evidence.lost.effects.push({ job: 'job-2', fence: 2 });
  evidence.effects.splice(1, 1);
  evidence.fenced.splice(1, 1);
}

/** Job 1 was claimed twice, both claims are lost, and the second had its effect behind the new primary's first. */
function laterClaimLost(evidence: Evidence): void {
  evidence.lost.events.push({ job: 'job-1', from: 'queued', to: 'running', fence: 2, at: 60 });
  first(evidence.fenced).fence = 2;
}

/** Somebody led in between, for as long as the old primary was there. */
function termLost(evidence: Evidence): void {
  second(evidence.terms).electedAt = 9_000;
  evidence.lost.terms.push({ term: 2, worker: 'c', electedAt: 6_000, lastSeen: 8_500 });
}

const losses: [what: string, lose: (evidence: Evidence) => void][] = [
  ['a job', jobLost],
  ['a claim', claimLost],
  ['an effect', effectLost],
  ['a later claim', laterClaimLost],
  ['a term', termLost],
];

test.each(losses)('%s that a dead primary alone had is no failure; without one it is', (_, lose) => {
  const evidence = sound();
  lose(evidence);
  expect(problems(evidence)).toEqual([]);
  expect(problems({ ...evidence, lost: nothingLost() })).not.toEqual([]);
});

test('acknowledgements that were lost are counted', () => {
  const evidence = sound();
  jobLost(evidence);
  expect(lostAcknowledgements(evidence)).toEqual(['key-1']);
});

test('a lost job that nobody had submitted, or that was acknowledged under another id, is a failure', () => {
  const phantom = sound();
  phantom.lost.jobs.push({ id: 'job-9', key: 'key-9' });
  expect(problems(phantom)).not.toEqual([]);
  const other = sound();
  jobLost(other);
  first(other.lost.jobs).id = 'job-9';
  expect(problems(other)).not.toEqual([]);
});

test('one lost claim explains one more start', () => {
  const evidence = sound();
  claimLost(evidence);
  evidence.reports.push({ ...first(evidence.reports) });
  expect(problems(evidence)).not.toEqual([]);
});

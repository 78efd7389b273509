/** The statement of the hot path: a claim with finishes fused in, some of them of leases that are lost. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { finishAndClaim, type Outcome, type Turnover } from '../../src/jobs/turnover.ts';
import { aClaim, aFinish } from '../jobs.ts';
import { command, pick } from './command.ts';
import { claimable, overtaken } from './compare.ts';
import type { Hold } from './model.ts';
import type { ObservedJob } from './observe.ts';
import { predictedMs } from './reset.ts';

const outcome = fc.constantFrom<Outcome>('done', 'done', 'failed', 'failed', 'timed_out', 'cancelled');
const turnovers = fc.record({
  workerId: fc.constantFrom('w1', 'w2'),
  count: fc.constantFrom(0, 1, 2, 3, 5),
  freeSlots: fc.constantFrom(0, 1, 2, 5),
  spread: fc.boolean(),
  budgetMs: fc.constantFrom(null, null, 0, 45),
  queues: fc.constantFrom<string[] | null>(null, null, null, ['a']),
  types: fc.constantFrom<string[] | null>(null, null, null, ['short']),
  ends: fc.oneof(
    { weight: 2, arbitrary: fc.constant<{ n: number; outcome: Outcome }[]>([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.record({ n: fc.nat({ max: 99 }), outcome }), { minLength: 1, maxLength: 3 }),
    },
  ),
  answerLost: fc.nat({ max: 9 }).map((n) => n === 9),
});

export const turnover = turnovers.map(({ ends, answerLost, ...request }) =>
  command(
    `turnover(${JSON.stringify(request)} ends ${JSON.stringify(ends)}${answerLost ? ' answer lost' : ''})`,
    async (model, { pool }) => {
      const ending = oneEach(ends, model.holds);
      const candidates = claimable(model, request);
      const answer = await finishAndClaim(pool, ending.map(finishOf), aClaim(request));

      const stale = ending.filter((end) => !model.finish(end.hold, end.outcome, !isUnstarted(end)));
      expect(answer.refused.toSorted()).toEqual(stale.map(({ hold }) => hold.id).toSorted());
      checkClaim(request, candidates, answer);
      for (const job of answer.claimed) {
        const hold = model.claim(job, request.workerId, job.started);
        expect(job.fence).toBe(hold.fence);
        if (!answerLost) model.holds.push(hold);
      }
    },
  ),
);

interface Request {
  count: number;
  freeSlots: number;
  spread: boolean;
  budgetMs: number | null;
}

function checkClaim(request: Request, candidates: ObservedJob[], { claimed, offered }: Turnover): void {
  const ids = claimed.map((job) => job.id);
  const most = Math.min(request.count, candidates.length);
  // A spread claim takes equal shares of the lanes, so it may leave some; never all.
  if (request.spread) expect([offered <= most, offered > 0]).toEqual([true, most > 0]);
  else expect(offered).toBe(most);
  expect(ids.filter((id) => !candidates.some((job) => job.id === id))).toEqual([]);
  expect(overtaken(candidates, ids)).toEqual([]);

  const ahead = claimed.filter((job) => !job.started);
  expect(claimed.length - ahead.length).toBe(Math.min(request.freeSlots, offered));
  if (request.budgetMs === null) expect(ids).toHaveLength(offered);
  else expect(sum(ahead.map((job) => predictedMs(job.type)))).toBeLessThanOrEqual(request.budgetMs);
  if (request.budgetMs !== null && claimed.length < offered) {
    const left = candidates.filter((job) => !ids.includes(job.id)).map((job) => predictedMs(job.type));
    // The budget ended the claim: what came next would not have fitted in.
    expect(sum(ahead.map((job) => predictedMs(job.type))) + Math.max(...left)).toBeGreaterThan(
      request.budgetMs,
    );
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);

interface End {
  hold: Hold;
  outcome: Outcome;
}

/** Only a job that is cancelled can end without having started. */
const isUnstarted = ({ hold, outcome }: End) => outcome === 'cancelled' && !hold.started;
function finishOf(end: End) {
  const unstarted = isUnstarted(end) ? { startedAt: null, runtimeMs: 0 } : {};
  return aFinish(end.hold, { outcome: end.outcome, errorMsg: end.outcome, ...unstarted });
}

/** Each end with the hold it ends; a job ends once in a statement. */
function oneEach(ends: { n: number; outcome: Outcome }[], holds: Hold[]): End[] {
  const ending = holds.length === 0 ? [] : ends.map(({ n, outcome }) => ({ hold: pick(holds, n), outcome }));
  return ending.filter((end, n) => ending.findIndex((other) => other.hold.id === end.hold.id) === n);
}

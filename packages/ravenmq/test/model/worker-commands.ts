/** What workers do beside claims and finishes: renew, retry, release, forget. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { renewLeases } from '../../src/jobs/renew.ts';
import { releaseJobs, releaseUnknown, retryAttempts, toCancel } from '../../src/jobs/settle.ts';
import { type Command, command, pick } from './command.ts';
import type { Hold, Model } from './model.ts';
import { turnover } from './turnover-command.ts';

const worker = fc.constantFrom('w1', 'w2');
const index = fc.nat({ max: 99 });
const hasHolds = (model: Readonly<Model>) => model.holds.length > 0;
const isOf = (worker: string) => (model: Readonly<Model>) =>
  model.holds.some((hold) => hold.worker === worker);

/** A worker that claimed a job again keeps the newer hold only. */
function newestOf(model: Model, worker: string): Hold[] {
  const mine = model.holds.filter((hold) => hold.worker === worker);
  return mine.filter((hold) => !mine.some((other) => other.id === hold.id && other.fence > hold.fence));
}

const renew = fc.tuple(worker, fc.boolean()).map(([worker, start]) =>
  command(
    `renew(${worker}${start ? ', start' : ''})`,
    async (model, { pool }) => {
      const held = newestOf(model, worker);
      const startedAt = new Date().toISOString();
      const sent = held.map((hold) => ({ ...hold, startedAt: start || hold.started ? startedAt : null }));
      const renewal = await renewLeases(pool, 30_000, sent);

      const lost = held.filter((hold) => !model.renew(hold, start));
      expect(renewal.lost.toSorted()).toEqual(lost.map((hold) => hold.id).toSorted());
      const asked = held.filter((hold) => !lost.includes(hold) && model.job(hold.id).cancelRequested);
      expect(renewal.cancelRequested.toSorted()).toEqual(asked.map((hold) => hold.id).toSorted());
    },
    isOf(worker),
  ),
);

const retry = index.map((n) =>
  command(
    `retry(${n})`,
    async (model, { pool }) => {
      const hold = pick(model.holds, n);
      const attempt = { id: hold.id, fence: hold.fence, outcome: 'failed' as const, runtimeMs: 3 };
      const rest = { startedAt: new Date().toISOString(), errorMsg: 'boom', delayMs: 3_600_000 };
      const won = await retryAttempts(pool, hold.worker, [{ ...attempt, ...rest }]);
      expect(won).toEqual(model.retry(hold) ? [hold.id] : []);
      if (won.length === 0)
        expect(await toCancel(pool, [hold])).toEqual(model.isToCancel(hold) ? [hold.id] : []);
    },
    (model) => hasHolds(model) && pick(model.holds, n).retriesLeft,
  ),
);

const release = index.map((n) =>
  command(
    `release(${n})`,
    async (model, { pool }) => {
      const hold = pick(model.holds, n);
      const won = await releaseJobs(pool, [hold]);
      expect(won).toEqual(model.release(hold) ? [hold.id] : []);
      if (won.length === 0)
        expect(await toCancel(pool, [hold])).toEqual(model.isToCancel(hold) ? [hold.id] : []);
    },
    hasHolds,
  ),
);

const crash = worker.map((worker) =>
  command(
    `crash(${worker})`,
    async (model) => {
      model.holds = model.holds.filter((hold) => hold.worker !== worker);
    },
    isOf(worker),
  ),
);

const findLost = worker.map((worker) =>
  command(`releaseUnknown(${worker})`, async (model, { pool }) => {
    const known = model.holds.filter((hold) => hold.worker === worker).map((hold) => hold.id);
    expect(await releaseUnknown(pool, worker, known)).toBe(model.releaseUnknown(worker));
  }),
);

/** With how often each occurs. */
export const workerCommands: [fc.Arbitrary<Command>, number][] = [
  [turnover, 12],
  [renew, 5],
  [retry, 6],
  [release, 2],
  [crash, 1],
  [findLost, 1],
];

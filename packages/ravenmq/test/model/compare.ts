/** Compares the database with the model, and remembers what it saw. */
import { expect } from 'vitest';
import type { Queryable } from '../../src/db/connect.ts';
import { taken, violations } from './invariants.ts';
import type { Model, ModelJob } from './model.ts';
import { type Observed, type ObservedJob, observe } from './observe.ts';

/** To be called after every command. */
export async function compare(model: Model, db: Queryable): Promise<void> {
  const now = await observe(db);
  expect(violations(now)).toEqual([]);
  const rows = now.jobs.map((job) => ({ id: job.id, ...fieldsOfRow(job) }));
  const jobs = model.all.map((job) => ({ id: job.id, ...fieldsOfModel(job) }));
  expect(rows.toSorted(byId)).toEqual(jobs.toSorted(byId));
  for (const [scope, max] of model.limits) {
    // A limit that was lowered is reached from above: those who were in stay, nobody comes to them.
    const most = Math.max(max, taken(model.seen, scope));
    expect(taken(now, scope), `jobs in ${scope}`).toBeLessThanOrEqual(most);
  }
  const fences = new Map(model.seen.jobs.map((job) => [job.id, job.fence]));
  for (const job of now.jobs) expect(job.fence).toBeGreaterThanOrEqual(fences.get(job.id) ?? 0);
  model.seen = now;
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

function fieldsOfRow(row: ObservedJob) {
  const { status, fence, retries, crashes, attempts, started, worker } = row;
  const running = status === 'running' ? { started, worker } : {};
  const asked = row.place === 'live' ? { cancelRequested: row.cancel_requested } : {};
  return { status, fence, retries, crashes, attempts, ...running, ...asked };
}

function fieldsOfModel(job: ModelJob) {
  const { status, fence, retries, crashes, attempts, started, worker, cancelRequested } = job;
  const running = status === 'running' ? { started, worker } : {};
  const asked = ['scheduled', 'queued', 'running'].includes(status) ? { cancelRequested } : {};
  return { status, fence, retries, crashes, attempts, ...running, ...asked };
}

/** What a claim may take: ready, not gated, and nothing about it paused. */
export function claimable(
  model: Model,
  { queues, types }: { queues: string[] | null; types: string[] | null },
): ObservedJob[] {
  return model.seen.jobs.filter(
    (job) =>
      job.status === 'queued' &&
      job.gate === null &&
      !model.pausedQueues.has(job.queue) &&
      !model.pausedLanes.has(laneOf(job)) &&
      (queues?.includes(job.queue) ?? true) &&
      (types?.includes(job.type) ?? true),
  );
}

const laneOf = (job: { queue: string; tenant: string }): string => `${job.queue} ${job.tenant}`;

/** Inside a lane a claim takes the smallest ranks: none that it left precedes one that it took. */
export function overtaken(candidates: Observed['jobs'], claimed: string[]): string[] {
  const took = candidates.filter((job) => claimed.includes(job.id));
  const left = candidates.filter((job) => !claimed.includes(job.id));
  return left
    .filter((job) => took.some((other) => laneOf(other) === laneOf(job) && precedes(job, other)))
    .map((job) => job.id);
}

function precedes(a: ObservedJob, b: ObservedJob): boolean {
  return a.rank === b.rank ? a.id < b.id : a.rank < b.rank;
}

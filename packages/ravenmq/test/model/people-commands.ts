/** What people do: cancel, retry by hand, pause, limit. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { cancelJob } from '../../src/jobs/cancel.ts';
import { keyScope, queueScope, setLimit, tenantScope } from '../../src/jobs/limits.ts';
import { pauseQueue } from '../../src/jobs/queues.ts';
import { retryJob } from '../../src/jobs/retry-by-hand.ts';
import { acme, globex } from '../jobs.ts';
import { command, pick } from './command.ts';
import { compare } from './compare.ts';
import type { Model } from './model.ts';

const hasJobs = (model: Readonly<Model>) => model.jobs.size > 0;
const index = fc.nat({ max: 99 });
const queue = fc.constantFrom('a', 'b');
const scopes = [queueScope('a'), tenantScope(acme), keyScope(acme, 'disk'), keyScope(globex, 'disk')];

export const cancel = index.map((n) =>
  command(
    `cancel(${n})`,
    async (model, { pool }) => {
      const { id } = pick(model.all, n);
      const expected = model.cancel(id);
      const answer = await cancelJob(pool, id);
      if (expected === 'finished') expect(answer).toBe('finished');
      else expect(answer).toMatchObject({ id, status: model.job(id).status });
    },
    hasJobs,
  ),
);

export const retryByHand = index.map((n) =>
  command(
    `retryByHand(${n})`,
    async (model, { pool }) => {
      const { id } = pick(model.all, n);
      const answer = await retryJob(pool, id);
      if (model.retryByHand(id)) expect(answer).toMatchObject({ id, status: 'queued' });
      else expect(answer).toBe('not_failed');
    },
    hasJobs,
  ),
);

const pauses = fc.tuple(
  queue,
  fc.constantFrom(acme, globex),
  fc.boolean(),
  fc.constantFrom(true, false, false),
);
export const pause = pauses.map(([name, tenant, whole, paused]) =>
  command(`pause(${name}, ${whole ? 'all' : tenant.slice(-4)}, ${paused})`, async (model, { pool }) => {
    const change = (set: Set<string>, what: string) => (paused ? set.add(what) : set.delete(what));
    if (whole) {
      await pauseQueue(pool, name, paused);
      change(model.pausedQueues, name);
    } else {
      const { rowCount } = await pool.query(
        'update turn set paused = $3 where queue = $1 and tenant_id = $2',
        [...[name, tenant, paused]],
      );
      if (rowCount === 1) change(model.pausedLanes, `${name} ${tenant}`);
    }
  }),
);

const limits = fc.tuple(fc.constantFrom(...scopes), fc.constantFrom(null, null, 0, 1, 2, 3));
export const limit = limits.map(([scope, max]) =>
  command(`setLimit(${scope}, ${max})`, async (model, { pool }) => {
    await setLimit(pool, scope, max);
    model.limits.delete(scope);
    await compare(model, pool);
    if (max !== null) model.limits.set(scope, max);
  }),
);

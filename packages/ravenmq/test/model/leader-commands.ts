/** What time brings and what the leader does about it. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { openGates } from '../../src/jobs/limits.ts';
import { promoteDueJobs } from '../../src/jobs/promote.ts';
import { reclaimExpired } from '../../src/jobs/reclaim.ts';
import { advanceClocks, foldCharges, tendLanes } from '../../src/jobs/turns.ts';
import { command, type Real } from './command.ts';
import { compare } from './compare.ts';
import { needlesslyGated } from './invariants.ts';

export const expire = fc.constantFrom('w1', 'w2').map((worker) =>
  command(`expire(${worker})`, async (model, { pool }) => {
    await pool.query(
      `update job_live set lease_expires_at = clock_timestamp() - interval '1 ms' where worker_id = $1`,
      [worker],
    );
    for (const job of model.all) job.expired ||= job.status === 'running' && job.worker === worker;
  }),
);

export const comeDue = fc.constant(null).map(() =>
  command('comeDue()', async (model, { pool }) => {
    await pool.query(`update job_live set run_at = now() - interval '1 s' where status = 'scheduled'`);
    for (const job of model.all) job.due = job.status === 'scheduled';
  }),
);

/** What a leader does under its own term, or under one that has passed: then nothing. */
export const leads = fc.constantFrom(true, true, true, false).chain((present) => {
  const term = ({ guard }: Real) => (present ? guard : { proof: guard.proof - 1 });
  const note = present ? '' : 'old term';
  const reclaim = command(`reclaim(${note})`, async (model, real) => {
    const expected = present ? model.reclaim() : 0;
    expect((await reclaimExpired(real.pool, term(real), 1_000)).count).toBe(expected);
  });
  return fc.constantFrom(
    reclaim,
    reclaim,
    reclaim,
    command(`promote(${note})`, async (model, real) => {
      const expected = present ? model.promote() : 0;
      expect((await promoteDueJobs(real.pool, term(real), 1_000)).count).toBe(expected);
    }),
    command(`openGates(${note})`, async (model, real) => {
      const before = model.seen.jobs.filter((job) => job.gate !== null).length;
      const { count: opened } = await openGates(real.pool, term(real));
      await compare(model, real.pool);
      const after = model.seen.jobs.filter((job) => job.gate !== null).length;
      expect(opened).toBe(before - after);
      if (present) expect(needlesslyGated(model.seen)).toEqual([]);
      else expect(opened).toBe(0);
    }),
    command(`tendLanes(${note})`, async (_, real) => {
      await real.pool.query(`update turn set touched_at = touched_at - interval '2 s'`);
      await foldCharges(real.pool, term(real));
      await advanceClocks(real.pool, term(real));
      await tendLanes(real.pool, term(real));
    }),
  );
});

/** Who acts at the same time in the interleaving test, each in a loop of its own on connections of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Pool, transaction } from '../../src/db/connect.ts';
import { cancelJob } from '../../src/jobs/cancel.ts';
import { openGates, setLimit } from '../../src/jobs/limits.ts';
import { promoteDueJobs } from '../../src/jobs/promote.ts';
import { reclaimExpired } from '../../src/jobs/reclaim.ts';
import { renewLeases } from '../../src/jobs/renew.ts';
import { releaseJobs, releaseUnknown, retryAttempts } from '../../src/jobs/settle.ts';
import { finishAndClaim } from '../../src/jobs/turnover.ts';
import { advanceClocks, foldCharges, tendLanes } from '../../src/jobs/turns.ts';
import type { Guard } from '../../src/workers/leader.ts';
import { aClaim, aFinish } from '../jobs.ts';

/** A number below `n`, by the seed of the round. */
export type Dice = (n: number) => number;

type Claim = { id: string; fence: number };

/** What all workers of a round were told. */
export interface Told {
  claimed: Claim[];
  finished: Claim[];
}

export async function work(
  pool: Pool,
  workerId: string,
  steps: number,
  dice: Dice,
  told: Told,
): Promise<void> {
  let held: Claim[] = [];
  const take = (count: number) => held.splice(0, count);
  for (let step = 0; step < steps; step++) {
    const action = dice(10);
    if (action < 5) {
      const ending = take(dice(3));
      const request = aClaim({ workerId, count: dice(4), freeSlots: dice(3), spread: dice(2) === 0 });
      const { claimed, refused } = await finishAndClaim(pool, ending.map(finishOf), request);
      told.claimed.push(...claimed);
      told.finished.push(...ending.filter(({ id }) => !refused.includes(id)));
      held = [...held.filter(({ id }) => !claimed.some((job) => job.id === id)), ...claimed];
    } else if (action === 5) await retryAttempts(pool, workerId, take(1).map(retryOf));
    else if (action === 6) await releaseJobs(pool, take(2));
    else if (action === 7) await renewLeases(pool, 30_000, held.map(startedOf));
    else if (action === 8) held = [];
    else
      await releaseUnknown(
        pool,
        workerId,
        held.map(({ id }) => id),
      );
  }
}

const now = () => new Date().toISOString();
const finishOf = (claim: Claim) => aFinish(claim, { outcome: 'done' });
const startedOf = (claim: Claim) => ({ ...claim, startedAt: now() });
const retryOf = ({ id, fence }: Claim) => ({
  ...{ id, fence, outcome: 'failed' as const, startedAt: now() },
  ...{ runtimeMs: 1, errorMsg: 'boom', delayMs: 0 },
});

export async function lead(pool: Pool, guard: Guard, steps: number, dice: Dice): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const action = dice(5);
    if (action === 0) await expireSome(pool, dice);
    else if (action === 1) await reclaimExpired(pool, guard, 100);
    else if (action === 2) await promoteDueJobs(pool, guard, 100);
    else if (action === 3) await openGates(pool, guard);
    else {
      await pool.query(`update turn set touched_at = touched_at - interval '2 s'`);
      await foldCharges(pool, guard);
      await advanceClocks(pool, guard);
      await tendLanes(pool, guard);
    }
  }
}

async function expireSome(pool: Pool, dice: Dice): Promise<void> {
  await pool.query(
    `update job_live set lease_expires_at = clock_timestamp() - interval '1 s'
     where id in (select id from job_live where status = 'running' order by id limit $1 for update skip locked)`,
    [dice(3)],
  );
}

export async function cancelSome(pool: Pool, ids: string[], steps: number, dice: Dice): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await sleep(dice(5));
    const id = ids[dice(ids.length)] as string;
    await transaction(pool, (client) => cancelJob(client, id));
  }
}

/** Changes the limit of a scope, never past `most`. */
export async function changeLimit(
  pool: Pool,
  scope: string,
  most: number,
  steps: number,
  dice: Dice,
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await sleep(dice(5));
    await setLimit(pool, scope, 1 + dice(most));
  }
}

/** Ends whatever the others left, alone. */
export async function workOff(pool: Pool, guard: Guard, told: Told): Promise<void> {
  for (let pass = 0; pass < 100; pass++) {
    await pool.query(
      `update job_live set lease_expires_at = now() - interval '1 s' where status = 'running'`,
    );
    await reclaimExpired(pool, guard, 100);
    await promoteDueJobs(pool, guard, 100);
    await openGates(pool, guard);
    // A lane may have gone idle while a job was becoming ready in it: its leader finds it.
    await tendLanes(pool, guard);
    const { claimed } = await finishAndClaim(
      pool,
      [],
      aClaim({ workerId: 'last', count: 100, freeSlots: 100 }),
    );
    const { refused } = await finishAndClaim(pool, claimed.map(finishOf), aClaim({ count: 0 }));
    told.claimed.push(...claimed);
    told.finished.push(...claimed.filter(({ id }) => !refused.includes(id)));
    const { rows } = await pool.query('select count(*) from job_live');
    if (rows[0]?.count === 0) return;
  }
  throw new Error('jobs are left that nobody can end');
}

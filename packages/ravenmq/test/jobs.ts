/** What database tests arrange with: jobs to submit, claims to make, a leader's term to act under. */
import type { Pool } from '../src/db/connect.ts';
import { insertJobs } from '../src/jobs/insert.ts';
import type { JobRow } from '../src/jobs/job.ts';
import { type NewJob, newJobDefaults } from '../src/jobs/new-job.ts';
import { type ClaimRequest, type Finish, finishAndClaim } from '../src/jobs/turnover.ts';
import type { Guard } from '../src/workers/leader.ts';

export const acme = '00000000-0000-4000-8000-00000000aaaa';
export const globex = '00000000-0000-4000-8000-00000000bbbb';

export function aJob(overrides: Partial<NewJob> = {}): NewJob {
  return {
    ...newJobDefaults,
    orgId: acme,
    userId: null,
    type: 'noop',
    name: 'noop',
    payload: {},
    ...overrides,
  };
}

/** Submits jobs and answers their rows; fails when one was not created. */
export async function submitted(pool: Pool, ...jobs: Partial<NewJob>[]): Promise<JobRow[]> {
  const answers = await insertJobs(pool, jobs.map(aJob));
  return answers.map((answer) => {
    if (answer.kind !== 'created') throw new Error(`not created: ${answer.kind}`);
    return answer.job;
  });
}

export function aClaim(overrides: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    workerId: 'worker-1',
    leaseMs: 30_000,
    count: 1,
    freeSlots: 1,
    budgetMs: null,
    means: new Map(),
    underMs: null,
    queues: null,
    types: null,
    lanes: 64,
    spread: true,
    cursors: [],
    ...overrides,
  };
}

export async function claim(pool: Pool, overrides: Partial<ClaimRequest> = {}) {
  const request = aClaim({ freeSlots: overrides.count ?? 1, ...overrides });
  return (await finishAndClaim(pool, [], request)).claimed;
}

export function aFinish(job: { id: string; fence: number }, overrides: Partial<Finish> = {}): Finish {
  return {
    id: job.id,
    fence: job.fence,
    outcome: 'done',
    startedAt: new Date().toISOString(),
    runtimeMs: 5,
    errorMsg: null,
    result: null,
    ...overrides,
  };
}

/** Hands in finishes without claiming; answers the refused ids. */
export async function finish(pool: Pool, ...finishes: Finish[]): Promise<string[]> {
  return (await finishAndClaim(pool, finishes, aClaim({ count: 0 }))).refused;
}

/** Makes the caller the leader for an hour. */
export async function leadership(pool: Pool): Promise<Guard> {
  const { rows } = await pool.query<{ term: number }>(
    `insert into scheduler_leader (worker_id, term, backend_pid, backend_start, elected_at, last_seen, expires_at)
     values ('test', 1, pg_backend_pid(), now(), now(), now(), now() + interval '1 hour')
     on conflict (id) do update set term = scheduler_leader.term + 1, expires_at = excluded.expires_at
     returning term`,
  );
  return { proof: rows[0]?.term as number };
}

/** Lets the leases of all running jobs expire now. */
export async function expireLeases(pool: Pool): Promise<void> {
  await pool.query(
    `update job_live set lease_expires_at = clock_timestamp() - interval '1 second' where status = 'running'`,
  );
}

/**
 * Many keys with small limits, and workers that die or fall asleep while they hold jobs; judged by a sweep over every
 * beginning and end of running, on the database's clock.
 */
import type { Pool } from '../src/db/connect.ts';
import { insertJobs } from '../src/jobs/insert.ts';
import { keyScope, openGates, setLimit } from '../src/jobs/limits.ts';
import { reclaimExpired } from '../src/jobs/reclaim.ts';
import { type ClaimedJob, finishAndClaim } from '../src/jobs/turnover.ts';
import { aClaim, acme, aFinish, aJob, leadership } from './jobs.ts';

export interface Storm {
  jobs: number;
  /** Each with a limit of 1 to 5 in turn; 0: no limits at all. */
  keys: number;
  workers: number;
  /** Of the batches that a worker claims, so many are lost with it, and as many finished after their lease. */
  lost: number;
  random(): number;
}

export interface Outcome {
  /** Keys that ran more at one instant than they may, in sentences. */
  violations: string[];
  /** Most jobs that ran at the same time, by key. */
  most: Map<string, number>;
  /** Batches that were lost, and those that were finished too late. */
  faults: number;
  jobsPerS: number;
}

const leaseMs = 300;
export const limitOf = (n: number): number => 1 + (n % 5);

export async function limitStorm(pool: Pool, storm: Storm): Promise<Outcome> {
  await pool.query(recordText);
  for (let n = 0; n < storm.keys; n++) await setLimit(pool, keyScope(acme, `key ${n}`), limitOf(n));
  const ofKey = (n: number) => (storm.keys > 0 ? { concurrencyKey: `key ${n % storm.keys}` } : {});
  for (let from = 0; from < storm.jobs; from += 1_000) {
    const count = Math.min(1_000, storm.jobs - from);
    const group = Array.from({ length: count }, (_, n) => aJob({ ...ofKey(from + n), maxRetries: 100 }));
    await insertJobs(pool, group);
  }
  const guard = await leadership(pool);
  const began = performance.now();
  let left = storm.jobs;
  let faults = 0;

  async function work(n: number): Promise<void> {
    const request = aClaim({ workerId: `worker ${n}`, leaseMs, count: 50, freeSlots: 50 });
    let ended: ClaimedJob[] = [];
    while (left > 0) {
      const finishes = ended.map((job) => aFinish(job));
      const { claimed, refused } = await finishAndClaim(pool, finishes, request);
      left -= finishes.length - refused.length;
      if (finishes.length > 0) await openGates(pool);
      const fate = storm.random();
      ended = fate < storm.lost ? [] : claimed;
      if (claimed.length === 0) await pause(5);
      else if (fate < 2 * storm.lost) {
        faults++;
        if (fate >= storm.lost) await pause(2 * leaseMs);
      }
    }
  }
  async function lead(): Promise<void> {
    while (left > 0) {
      await reclaimExpired(pool, guard, 1_000);
      await openGates(pool, guard);
      await pause(50);
    }
  }
  await Promise.all([lead(), ...Array.from({ length: storm.workers }, (_, n) => work(n))]);
  const jobsPerS = storm.jobs / ((performance.now() - began) / 1_000);
  return { ...(await sweep(pool)), faults, jobsPerS };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const recordText = `
  create table run_event (seq bigserial, key text, change integer, at timestamptz default clock_timestamp());
  create function record_run() returns trigger language plpgsql set search_path from current as $$
  begin
    if tg_op = 'UPDATE' and new.status = 'running' and old.status <> 'running' then
      insert into run_event (key, change) values (new.concurrency_key, 1);
    elsif old.status = 'running' and (tg_op = 'DELETE' or new.status <> 'running') then
      insert into run_event (key, change) values (old.concurrency_key, -1);
    end if;
    return null;
  end $$;
  create trigger record_run after update or delete on job_live for each row execute function record_run();`;

async function sweep(pool: Pool): Promise<Pick<Outcome, 'violations' | 'most'>> {
  const { rows } = await pool.query<{ key: string; change: number }>(
    'select key, change from run_event where key is not null order by at, seq',
  );
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  for (const { key, change } of rows) {
    const now = (running.get(key) ?? 0) + change;
    running.set(key, now);
    most.set(key, Math.max(most.get(key) ?? 0, now));
  }
  const violations = [...most]
    .filter(([key, number]) => number > limitOf(Number(key.slice(4))))
    .map(([key, number]) => `${number} jobs of ${key} ran at the same time`);
  for (const [key, number] of running)
    if (number !== 0) violations.push(`${key} ends with ${number} running`);
  return { violations, most };
}

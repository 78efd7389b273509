/** Workers that are killed and paused all the time lose nothing and finish nothing twice. */
import { expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { test } from '../fixtures.ts';
import { submitted } from '../jobs.ts';
import { type Process, startChaosWorker, startRole } from './processes.ts';

const jobs = 3_000;
const workers = 4;
const leaseMs = 1_500;

/** Runs `work` every `everyMs` until stopped; answers how often it did. */
function every(everyMs: number, work: () => void): () => number {
  let times = 0;
  const timer = setInterval(() => {
    times++;
    work();
  }, everyMs);
  return () => {
    clearInterval(timer);
    return times;
  };
}

test('3,000 jobs over four workers, one killed every second, one paused past its lease every five', async ({
  db,
}) => {
  await db.pool.query(
    'create table chaos_start (job_id uuid, fence bigint, at timestamptz default clock_timestamp())',
  );
  await submitted(db.pool, ...Array.from({ length: jobs }, () => ({ type: 'work', maxRetries: 50 })));
  const env = { LEASE_MS: String(leaseMs), SLOTS: '2' };
  const scheduler = startRole('scheduler', db);
  const running: Process[] = Array.from({ length: workers }, () => startChaosWorker(db, env));
  const all: Process[] = [...running];
  const paused = new Set<Process>();
  const began = performance.now();

  const stopKilling = every(1_000, () => {
    // A paused worker is spared: it has to come back and be refused.
    const victims = running.filter((process) => !paused.has(process));
    const victim = victims[Math.floor(Math.random() * victims.length)];
    if (!victim) return;
    void victim.kill();
    const replacement = startChaosWorker(db, env);
    running[running.indexOf(victim)] = replacement;
    all.push(replacement);
  });
  const stopPausing = every(5_000, () => {
    const victim = running.find((process) => process.log.some((line) => line.includes('worker_started')));
    if (!victim) return;
    paused.add(victim);
    victim.signal('SIGSTOP');
    setTimeout(() => {
      victim.signal('SIGCONT');
      // Long enough for what it held to be handed in and refused.
      setTimeout(() => paused.delete(victim), 1_500);
    }, leaseMs * 2);
  });

  await eventually(async () => (await db.pool.query('select from job_live limit 1')).rowCount === 0, {
    timeoutMs: 150_000,
    everyMs: 250,
  });
  const seconds = (performance.now() - began) / 1_000;
  const kills = stopKilling();
  const pauses = stopPausing();
  await eventually(() => paused.size === 0, { timeoutMs: 20_000, everyMs: 50 });
  await Promise.all([scheduler, ...running].map((process) => process.kill()));

  const ended = await db.pool.query(
    `select count(*) as jobs, count(*) filter (where status = 'done') as done, count(distinct id) as ids,
       count(*) filter (where (result->>'fence')::bigint = fence) as own_fence from job_history`,
  );
  expect(ended.rows[0]).toEqual({ jobs, done: jobs, ids: jobs, own_fence: jobs });
  const outcomes = await db.pool.query(
    `select count(*) filter (where final) as finals, count(distinct job_id) filter (where final) as jobs
     from execution_logs`,
  );
  expect(outcomes.rows[0]).toEqual({ finals: jobs, jobs });
  const starts = await db.pool.query(
    `select count(*) as starts, count(distinct (job_id, fence)) as distinct_starts,
       count(*) filter (where not exists (select from job_history h where h.id = job_id)) as phantoms,
       count(*) filter (where fence > (select fence from job_history h where h.id = job_id)) as beyond
     from chaos_start`,
  );
  expect(starts.rows[0]).toMatchObject({ distinct_starts: starts.rows[0].starts, phantoms: 0, beyond: 0 });
  const refused = all
    .flatMap((process) => process.log)
    .filter((line) => line.includes('"stale_finish_refused"'))
    .reduce((sum, line) => sum + JSON.parse(line).count, 0);
  console.log(
    `chaos: ${jobs} jobs in ${seconds.toFixed(0)} s, ${kills} kills, ${pauses} pauses, ${starts.rows[0].starts} starts, ${refused} stale finishes refused`,
  );
  expect(seconds).toBeGreaterThanOrEqual(30);
  expect(refused).toBeGreaterThan(0);
});

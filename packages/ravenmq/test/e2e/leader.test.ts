/** Who leads when leaders die or stop. */
import { expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { type TestDatabase, test } from '../fixtures.ts';
import { submitted } from '../jobs.ts';
import { type Process, startRole } from './processes.ts';

interface Leader {
  worker_id: string;
  term: number;
}

async function leaderOf(db: TestDatabase): Promise<Leader | undefined> {
  const { rows } = await db.pool.query<Leader & Record<string, unknown>>(
    'select worker_id, term from scheduler_leader where expires_at > clock_timestamp()',
  );
  return rows[0];
}

const processOf = (processes: Process[], leader: Leader): Process =>
  processes.find((process) => leader.worker_id.includes(`-${process.pid}-`)) as Process;

/** A scheduler takes part once it has connected; a kill before that would measure its start. */
const standingBy = (db: TestDatabase, count: number) =>
  eventually(
    async () =>
      ((
        await db.pool.query(`select from pg_stat_activity where application_name like 'ravenmq leader%'
        and query like '%pg_%advisory%' or query like '%scheduler_leader%' and application_name like 'ravenmq leader%'`)
      ).rowCount ?? 0) >= count,
    { timeoutMs: 30_000 },
  );

test('a killed leader is followed within two seconds, twenty times', async ({ db }) => {
  const schedulers = [startRole('scheduler', db), startRole('scheduler', db), startRole('scheduler', db)];
  const gaps: number[] = [];
  for (let round = 0; round < 20; round++) {
    await standingBy(db, 3);
    const leader = await eventually(() => leaderOf(db), { timeoutMs: 20_000 });
    const victim = processOf(schedulers, leader);
    const killed = performance.now();
    await victim.kill();
    await eventually(async () => ((await leaderOf(db))?.term ?? 0) > leader.term, {
      timeoutMs: 20_000,
      everyMs: 5,
    });
    gaps.push(performance.now() - killed);
    schedulers[schedulers.indexOf(victim)] = startRole('scheduler', db);
  }
  await Promise.all(schedulers.map((process) => process.kill()));

  gaps.sort((a, b) => a - b);
  console.log(
    `leader killed 20 times: next leader after ${gaps[10]?.toFixed(0)} ms (median), ${gaps[19]?.toFixed(0)} ms (most)`,
  );
  expect(gaps[19]).toBeLessThan(2_000);
});

test('a stopped leader is replaced within seven seconds and writes nothing when it goes on', async ({
  db,
}) => {
  const schedulers = [startRole('scheduler', db), startRole('scheduler', db)];
  await standingBy(db, 2);
  const old = await eventually(() => leaderOf(db), { timeoutMs: 20_000 });
  const victim = processOf(schedulers, old);
  victim.signal('SIGSTOP');
  const stopped = performance.now();
  await eventually(async () => ((await leaderOf(db))?.term ?? 0) > old.term, {
    timeoutMs: 20_000,
    everyMs: 10,
  });
  const gap = performance.now() - stopped;

  // From here on every row that anybody writes is noted with the connection's name.
  await db.pool.query(`
    create table written (by_whom text, what text);
    create function note_write() returns trigger language plpgsql as $$
    begin
      insert into written values (current_setting('application_name'), tg_table_name);
      return null;
    end $$;
    do $$ declare t text; begin
      foreach t in array array['job_live', 'job_history', 'execution_logs', 'turn', 'queue', 'charge', 'slot',
        'scheduler_leader', 'stats_minute', 'queue_depth_minute', 'follower', 'job_duration'] loop
        execute format('create trigger note after insert or update or delete on %I for each row execute function note_write()', t);
      end loop;
    end $$`);
  victim.signal('SIGCONT');
  // Work for a leader: jobs that become due while the old one may still believe that it leads.
  for (let n = 0; n < 20; n++) {
    await submitted(
      db.pool,
      ...Array.from({ length: 5 }, () => ({ runAt: new Date(Date.now() + 50).toISOString() })),
    );
    await eventually(
      async () => (await db.pool.query(`select from job_live where status = 'scheduled'`)).rowCount === 0,
    );
  }
  await eventually(() =>
    victim.log.some((line) => /leader_lost_term|leader_stood_down|election_failed/.test(line)),
  );
  const byOld = await db.pool.query(
    `select by_whom, what from written where by_whom like '%-' || $1 || '-%'`,
    [victim.pid],
  );
  const byNew = await db.pool.query(
    `select count(*) as n from written where what = 'job_live' and by_whom not like $1`,
    [db.schema],
  );
  const leader = await leaderOf(db);
  await Promise.all(schedulers.map((process) => process.kill()));

  console.log(`leader stopped: next leader after ${gap.toFixed(0)} ms`);
  expect(gap).toBeLessThan(7_000);
  expect(leader?.worker_id).not.toBe(old.worker_id);
  expect(byOld.rows).toEqual([]);
  expect(byNew.rows[0].n).toBeGreaterThan(0);
});

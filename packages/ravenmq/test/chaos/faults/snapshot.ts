/** A transaction that nobody ends: no dead row can be removed while it is there. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Fault, Trial } from '../fault.ts';

/** Longest time from ready to claimed, for 99 of 100 jobs that nothing else holds up, in milliseconds. */
const pickupMs = 250;

export const pinnedSnapshot: Fault = {
  id: 'F13',
  title: 'a snapshot held open for minutes',
  slots: 10,
  async run(trial) {
    const { size, server } = trial;
    const client = new pg.Client({ connectionString: server.url, application_name: 'chaos snapshot' });
    client.on('error', () => {});
    await client.connect();
    await client.query('begin isolation level repeatable read');
    await client.query('select pg_current_snapshot()');
    await pause(size.seconds * 1_000);
    const p99 = await pickup(trial);
    await client.end();
    trial.note(`claimed ${p99.toFixed(0)} ms after it was ready (p99 of the last fifth)`);
    if (p99 > pickupMs) trial.problem('A10', `pickup took ${p99.toFixed(0)} ms (p99)`);
  },
};

/** From the first event of a plain job to its first claim, over the last fifth of the jobs. */
async function pickup({ server, stack, load }: Trial): Promise<number> {
  const plain = load.submissions.filter(({ kind }) => kind === 'plain').flatMap(({ ids }) => ids.slice(0, 1));
  const [row] = await server.query<{ p99: number | null }>(
    `select percentile_cont(0.99) within group (order by waited) as p99 from (
       select min(at) filter (where to_status = 'running') - min(at) as waited
       from ${stack.schema}.chaos_event where job_id = any($1) group by job_id) w`,
    [plain.slice(-Math.ceil(plain.length / 5))],
  );
  return row?.p99 ?? 0;
}

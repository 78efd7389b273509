/** One organization floods the queue, also with urgent jobs; the other one must not notice. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, Trial } from '../fault.ts';
import { type Draft, draftOf } from '../mix.ts';
import type { Org } from '../org.ts';

const quietWithinMs = 2_000;

export const flood: Fault = {
  id: 'F16',
  title: 'one organization floods, with urgent jobs too',
  slots: 8,
  async run(trial) {
    const { size, random, load } = trial;
    const [loud, quiet] = load.orgs as [Org, Org];
    const flooding = (async () => {
      for (let left = size.times; left > 0; left -= 1_000) {
        const drafts = Array.from({ length: Math.min(left, 1_000) }, (_, n): Draft => {
          const draft = draftOf('plain', random);
          return { ...draft, payload: { ms: 2 }, weight: n % 10 === 0 ? 1_000 : 1 };
        });
        await load.flood(loud, drafts);
      }
    })();
    const until = performance.now() + size.seconds * 1_000;
    const quietJobs: string[] = [];
    while (performance.now() < until) {
      const { ids } = await load.probe(quiet, 'api');
      quietJobs.push(...ids.slice(0, 1));
      await pause(100);
    }
    await flooding;
    const p95 = await waitOf(trial, quietJobs);
    trial.note(
      `the quiet organization's jobs started within ${p95.toFixed(0)} ms (p95 of ${quietJobs.length})`,
    );
    if (p95 > quietWithinMs) trial.problem('A9', `the quiet organization waited ${p95.toFixed(0)} ms (p95)`);
    const backlog = await waitingOf(trial, loud);
    if (backlog === 0) trial.note('the flood was worked off before the quiet jobs were over');
  },
};

/** The 95th percentile from a job's submission to its first start, in milliseconds. */
async function waitOf({ server, stack }: Trial, ids: string[]): Promise<number> {
  const [row] = await server.query<{ p95: number | null }>(
    `select percentile_cont(0.95) within group (order by waited) as p95 from (
       select coalesce(min(at) filter (where to_status = 'running'), extract(epoch from clock_timestamp()) * 1000)
         - min(at) as waited
       from ${stack.schema}.chaos_event where job_id = any($1) group by job_id) w`,
    [ids],
  );
  return row?.p95 ?? 0;
}

async function waitingOf({ server, stack }: Trial, org: Org): Promise<number> {
  const [row] = await server.query<{ n: number }>(
    `select count(*)::int as n from ${stack.schema}.job_live where tenant_id = $1 and status = 'queued'`,
    [org.id],
  );
  return row?.n ?? 0;
}

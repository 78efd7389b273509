/** A mixed stream of jobs that sleep: eight kinds of three organizations, in waves and with bursts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../packages/ravenmq/src/db/connect.ts';
import type { WakeUps } from '../../packages/ravenmq/src/db/wake-ups.ts';
import { newJobDefaults } from '../../packages/ravenmq/src/jobs/new-job.ts';
import { createIdSubmitter } from '../../packages/ravenmq/src/jobs/submit.ts';
import { normal, type Random, randomFrom } from '../../packages/ravenmq/src/plan/draws.ts';

/** Median in milliseconds, standard deviation of its logarithm, share of the jobs. */
const kinds = [
  { name: 'ping', medianMs: 200, sigma: 0.2, share: 0.2 },
  { name: 'thumbnail', medianMs: 600, sigma: 0.3, share: 0.2 },
  { name: 'mail', medianMs: 400, sigma: 0.6, share: 0.15 },
  { name: 'report', medianMs: 2_000, sigma: 0.4, share: 0.15 },
  { name: 'import', medianMs: 3_000, sigma: 0.8, share: 0.1 },
  { name: 'build', medianMs: 6_000, sigma: 0.3, share: 0.1 },
  { name: 'backup', medianMs: 10_000, sigma: 0.15, share: 0.06 },
  { name: 'train', medianMs: 15_000, sigma: 0.5, share: 0.04 },
];
const organizations = [
  { name: 'large', share: 0.6 },
  { name: 'middle', share: 0.3 },
  { name: 'small', share: 0.1 },
];
const utilisation = 0.95;
/** The load rises and falls by half with this period; every so often a batch comes at once. */
const waveS = 150;
const burst = { everyS: 45, jobs: 25 };

const meanMs = kinds.reduce(
  (sum, { medianMs, sigma, share }) => sum + share * medianMs * Math.exp(sigma ** 2 / 2),
  0,
);

export const type = 'sleep';

export async function submitLoad(
  pool: Pool,
  wakeUps: WakeUps,
  slots: number,
  seconds: number,
): Promise<number> {
  const random = randomFrom(7);
  const ids: string[] = [];
  for (const { name } of organizations) {
    const { rows } = await pool.query<{ id: string }>(
      'insert into organizations (name) values ($1) returning id',
      [`eta-${name}`],
    );
    ids.push(rows[0]?.id as string);
  }
  const submitter = createIdSubmitter({ pool, wakeUps });
  const submit = (count: number, kind = drawn(kinds, random)) => {
    const org = organizations.indexOf(drawn(organizations, random));
    const jobs = Array.from({ length: count }, () => ({
      ...{ ...newJobDefaults, orgId: ids[org] as string, userId: null, type, name: kind.name },
      payload: { ms: kind.medianMs * Math.exp(kind.sigma * normal(random)) },
    }));
    submitted += count;
    return Promise.all(jobs.map((job) => submitter.submit(job)));
  };
  const steady = (utilisation * slots) / meanMs - burst.jobs / burst.everyS / 1_000;
  const began = performance.now();
  let submitted = 0;
  let bursts = 1;
  // A short run has its burst at the beginning.
  if (seconds < burst.everyS) await submit(burst.jobs, kinds[3]);
  for (let at = 0; ; ) {
    const wave = 1 + 0.5 * Math.sin((2 * Math.PI * at) / (waveS * 1_000));
    at += -Math.log(random()) / (Math.max(steady, 1e-4) * wave);
    if (at > seconds * 1_000) break;
    await sleep(Math.max(0, began + at - performance.now()));
    await submit(1);
    if (at > bursts * burst.everyS * 1_000) {
      bursts++;
      await submit(burst.jobs);
    }
  }
  await submitter.stop();
  return submitted;
}

function drawn<Item extends { share: number }>(items: Item[], random: Random): Item {
  let left = random();
  for (const item of items) {
    left -= item.share;
    if (left < 0) return item;
  }
  return items.at(-1) as Item;
}

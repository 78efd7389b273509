/**
 * Shows a running system at work: two organizations submit a mixed load twice, so that the second round is ordered by
 * what the first one taught. Prints what came of it. Throws when a job did not end as it should.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createClient, type RavenClient } from '@ravenmq/client';
import { copyFiles, type Files, type Planned, planLoad } from './load.ts';
import { compareWithFifo } from './replay.ts';
import { type Ended, orderSentences, readyAt, resultTable } from './report.ts';

export interface DemoOptions {
  /** Address of the API. */
  url: string;
  log(line: string): void;
}

/** The first organization floods the queue, the second comes after it with less. */
const scales = [1.4, 0.7];
const waitMs = 180_000;

interface Organization {
  name: string;
  client: RavenClient;
  scale: number;
}

export async function runDemo({ url, log }: DemoOptions): Promise<void> {
  await requireSystem(url);
  const organizations = await Promise.all(scales.map((scale, n) => found(url, n, scale)));
  const files = await copyFiles();
  log(`Two organizations, ${organizations.map(({ name }) => name).join(' and ')}, two rounds of real work.`);
  const unexpected: string[] = [];
  try {
    for (const round of [1, 2]) unexpected.push(...(await runRound(round, url, organizations, files, log)));
  } finally {
    await rm(files.folder, { recursive: true, force: true });
  }
  if (unexpected.length > 0) throw new Error(`Not as expected:\n${unexpected.join('\n')}`);
  log('');
  log('Every job ended as it should.');
}

async function requireSystem(url: string): Promise<void> {
  const answer = await fetch(`${url}/health`).catch(() => undefined);
  if (!answer?.ok)
    throw new Error(`No RavenMQ answers at ${url}: start one with \`npm start\`, or set RAVENMQ_URL.`);
}

/** An organization with its founder and one invited member; the client acts as the founder. */
async function found(url: string, n: number, scale: number): Promise<Organization> {
  const suffix = randomBytes(3).toString('hex');
  const name = `${['acme', 'globex'][n]}-${suffix}`;
  const password = randomBytes(9).toString('base64url');
  const client = createClient({ url });
  await client.auth.register({ username: `${name}-founder`, password });
  const { id } = await client.orgs.create(name);
  await createClient({ url }).auth.register({ username: `${name}-member`, password });
  await client.orgs.invite(id, `${name}-member`);
  return { name, client, scale };
}

async function runRound(
  round: number,
  url: string,
  organizations: Organization[],
  files: Files,
  log: (line: string) => void,
): Promise<string[]> {
  const began = performance.now();
  const ended: Ended[] = [];
  const unexpected: string[] = [];
  const waiting = organizations.map(async ({ name, client, scale }) => {
    const plans = planLoad(url, files, scale);
    const jobs = await client.jobs.submitMany(plans.map((plan) => plan.job));
    await Promise.all(
      jobs.map(async ({ id }, n) => {
        const plan = plans[n] as Planned;
        if (plan.expect === 'cancelled') await client.jobs.cancel(id);
        const job = await client.jobs.wait(id, { timeoutMs: waitMs });
        ended.push({ organization: name, job });
        const retries = plan.failures ?? 0;
        if (job.status !== plan.expect || (plan.failures !== undefined && job.retry_count !== retries)) {
          unexpected.push(
            `${name} ${job.name}: ${job.status} after ${job.retry_count} retries. ${job.error_msg ?? ''}`,
          );
        }
      }),
    );
  });
  await Promise.all(waiting);

  const workers = await (organizations[0] as Organization).client.workers.list();
  const slots = workers
    .filter((worker) => worker.status === 'active')
    .reduce((sum, worker) => sum + worker.slots, 0);
  const runs = ended
    .filter(({ job }) => job.status === 'done' && job.retry_count === 0)
    .map(({ job }) => ({
      readyMs: readyAt(job),
      startedMs: Date.parse(job.started_at as string),
      runtimeMs: job.runtime_ms as number,
    }));
  log('');
  log(
    `Round ${round}: ${ended.length} jobs on ${slots} slots in ${((performance.now() - began) / 1_000).toFixed(0)} s`,
  );
  for (const line of resultTable(ended)) log(`  ${line}`);
  for (const line of orderSentences(compareWithFifo(runs, slots))) log(line);
  return unexpected;
}

/**
 * Shows a running system at work: two organizations submit a mixed load twice, so that the second round is ordered by
 * what the first one taught. Prints what came of it.
 */
import { rm } from 'node:fs/promises';
import { copyFiles } from './load.ts';
import { foundOrganizations, type Organization } from './organization.ts';
import { compareWithFifo } from './replay.ts';
import { orderSentences, outcomeTable, runsOf, seriesTable } from './report.ts';
import { runRound } from './round.ts';

export interface DemoOptions {
  /** Address of the API. */
  url: string;
  log(line: string): void;
}

/** The first organization floods the queue, the second comes after it with less. */
const scales = { acme: 1.4, globex: 0.7 };

/** Throws when nothing answers at `url`, when no worker runs, or when a job did not end as it should. */
export async function runDemo({ url, log }: DemoOptions): Promise<void> {
  await requireSystem(url);
  const organizations = await foundOrganizations(url, scales, log);
  const slots = await countSlots(organizations[0] as Organization);
  const files = await copyFiles();
  const unexpected: string[] = [];
  log(`Two organizations, ${organizations.map(({ name }) => name).join(' and ')}, two rounds of real work.`);
  try {
    for (const number of [1, 2]) {
      const round = await runRound(url, organizations, files);
      unexpected.push(...round.unexpected);
      log('');
      log(`Round ${number}: ${round.ended.length} jobs on ${slots} slots in ${round.seconds.toFixed(0)} s`);
      for (const line of outcomeTable(round.ended)) log(`  ${line}`);
      log('');
      for (const line of seriesTable(round.ended)) log(`  ${line}`);
      log('');
      for (const line of orderSentences(compareWithFifo(runsOf(round.ended), slots))) log(line);
    }
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

async function countSlots({ client }: Organization): Promise<number> {
  const workers = (await client.workers.list()).filter(({ status }) => status === 'active');
  if (workers.length === 0) throw new Error('No worker is running: start one with `ravenmq worker`.');
  return workers.reduce((sum, worker) => sum + worker.slots, 0);
}

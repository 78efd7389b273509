/** One round of the demo: everybody submits, everything ends, outcomes are compared with the plan. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@ravenmq/client';
import { type Files, type Planned, planLoad } from './load.ts';
import type { Organization } from './organization.ts';
import type { Ended } from './report.ts';

export interface Round {
  ended: Ended[];
  /** What did not end as planned, a line each. */
  unexpected: string[];
  /** Between the first submission and the last ending. */
  seconds: number;
}

interface Submitted {
  organization: Organization;
  plan: Planned;
  id: string;
}

const pollMs = 250;
const longestRoundMs = 180_000;
/** The longest page of the API; an organization's jobs of a round fit. */
const page = 200;

/** The organizations submit one after another: the first one's burst is there before the second one's jobs. */
export async function runRound(url: string, organizations: Organization[], files: Files): Promise<Round> {
  const began = performance.now();
  const submitted: Submitted[] = [];
  for (const organization of organizations) {
    const plans = planLoad(url, files, organization.scale);
    const jobs = await organization.client.jobs.submitMany(plans.map((plan) => plan.job));
    submitted.push(...jobs.map(({ id }, n) => ({ organization, plan: plans[n] as Planned, id })));
  }
  const unwanted = submitted.filter(({ plan }) => plan.expect === 'cancelled');
  await Promise.all(unwanted.map(({ organization, id }) => organization.client.jobs.cancel(id)));

  const jobs = new Map<string, Job>();
  for (const each of await Promise.all(organizations.map((one) => untilEnded(one, submitted)))) {
    for (const job of each) jobs.set(job.id, job);
  }
  const ended = submitted.map(({ organization, id }, place) => ({
    organization: organization.name,
    place,
    job: jobs.get(id) as Job,
  }));
  const unexpected = submitted.flatMap(({ organization, plan, id }) =>
    differences(organization.name, plan, jobs.get(id) as Job),
  );
  return { ended, unexpected, seconds: (performance.now() - began) / 1_000 };
}

/** Asks for the whole list now and then: asking for each job would be a load of its own and disturb what is measured. */
async function untilEnded(organization: Organization, submitted: Submitted[]): Promise<Job[]> {
  const ids = new Set(submitted.filter((one) => one.organization === organization).map(({ id }) => id));
  const until = performance.now() + longestRoundMs;
  for (;;) {
    const jobs: Job[] = [];
    for await (const job of organization.client.jobs.list({ limit: page })) {
      if (ids.has(job.id)) jobs.push(job);
      if (jobs.length === ids.size) break;
    }
    const open = jobs.filter((job) => !['done', 'failed', 'cancelled'].includes(job.status));
    if (open.length === 0 && jobs.length === ids.size) return jobs;
    if (performance.now() > until) {
      const names = open.map((job) => `${job.name} ${job.status}`).join(', ');
      throw new Error(`${organization.name}: not ended after ${longestRoundMs / 1_000} s: ${names}`);
    }
    await sleep(pollMs);
  }
}

function differences(organization: string, { expect, failures = 0 }: Planned, job: Job): string[] {
  if (job.status === expect && job.retry_count === failures) return [];
  const wanted = `${expect} after ${failures} retries`;
  const reason = job.error_msg ? `: ${job.error_msg}` : '';
  return [
    `${organization} ${job.name}: ${job.status} after ${job.retry_count} retries, not ${wanted}${reason}`,
  ];
}

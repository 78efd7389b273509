/**
 * Group submission. Jobs submitted at the same time by one process share a statement and a commit: while one group
 * is being written the next collects. A lone submission is sent at once. Every answer comes after the commit, so an
 * acknowledged job is durable.
 */
import type { Pool } from '../db/connect.ts';
import { retryTransient } from '../db/connect.ts';
import type { WakeUps } from '../db/wake-ups.ts';
import { insertJobs, type Submitted } from './insert.ts';
import type { NewJob } from './new-job.ts';
import { openGates } from './queues.ts';

/** Rows of one statement: past a thousand the cost per row no longer falls. */
const groupLimit = 1_000;

export interface Submitter {
  submit(job: NewJob): Promise<Submitted>;
  submitMany(jobs: NewJob[]): Promise<Submitted[]>;
  /** Waits for what was submitted. */
  stop(): Promise<void>;
}

interface Waiting {
  job: NewJob;
  resolve(answer: Submitted): void;
  reject(error: unknown): void;
}

export function createSubmitter({ pool, wakeUps }: { pool: Pool; wakeUps: WakeUps }): Submitter {
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    // One turn of the event loop lets the submissions of the same moment join the group.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = waiting.slice(0, groupLimit);
      waiting = waiting.slice(groupLimit);
      await writeGroup(group);
    }
    writing = undefined;
  }

  async function writeGroup(group: Waiting[]): Promise<void> {
    try {
      const answers = await write(group.map((entry) => entry.job));
      group.forEach((entry, n) => {
        entry.resolve(answers[n] as Submitted);
      });
    } catch (error) {
      // One row that the database refuses must not fail its neighbours: each is tried alone.
      if (group.length > 1 && isBadValue(error)) for (const entry of group) await writeGroup([entry]);
      else for (const entry of group) entry.reject(error);
    }
  }

  async function write(jobs: NewJob[]): Promise<Submitted[]> {
    const answers = await retryTransient(() => insertJobs(pool, jobs));
    const created = answers.flatMap((answer) => (answer.kind === 'created' ? [answer.job] : []));
    if (created.some((job) => job.gate !== null)) await openGates(pool);
    if (created.some((job) => job.status === 'queued')) wakeUps.send();
    return answers;
  }

  return {
    submit(job) {
      return new Promise((resolve, reject) => {
        waiting.push({ job, resolve, reject });
        writing ??= writeAll();
      });
    },
    async submitMany(jobs) {
      const answers: Submitted[] = [];
      for (let from = 0; from < jobs.length; from += groupLimit) {
        answers.push(...(await write(jobs.slice(from, from + groupLimit))));
      }
      return answers;
    },
    async stop() {
      await writing;
    },
  };
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint violation): the row is at fault, not the database. */
export function isBadValue(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && (code.startsWith('22') || code.startsWith('23'));
}

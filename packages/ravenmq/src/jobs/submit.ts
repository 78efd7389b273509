/**
 * Group submission. Jobs submitted at the same time by one process share a statement and a commit: while one group
 * is being written the next collects. A lone submission is sent at once. Every answer comes after the commit, so an
 * acknowledged job is durable.
 */
import type { Pool } from '../db/connect.ts';
import { retryTransient } from '../db/connect.ts';
import type { WakeUps } from '../db/wake-ups.ts';
import { insertForIds, insertJobs, type Submitted, type SubmittedId } from './insert.ts';
import { openGates } from './limits.ts';
import type { NewJob } from './new-job.ts';

/** Rows of one statement: past a thousand the cost per row no longer falls. */
const groupLimit = 1_000;

export interface Submitter<Answer = Submitted> {
  submit(job: NewJob): Promise<Answer>;
  /** Each thousand all or nothing. */
  submitMany(jobs: NewJob[]): Promise<Answer[]>;
  /** Waits for what was submitted. */
  stop(): Promise<void>;
}

export interface SubmitterOptions {
  pool: Pool;
  wakeUps: WakeUps;
}

/** What one statement did, beside its answers: whether limits hold jobs back, and the first of those that may run. */
interface Written<Answer> {
  answers: Answer[];
  gated: boolean;
  firstRank: number | null;
}

interface Waiting<Answer> {
  job: NewJob;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Answers with the jobs as they were stored. */
export function createSubmitter(options: SubmitterOptions): Submitter {
  return groupingSubmitter(options, async (jobs) => {
    const answers = await insertJobs(options.pool, jobs);
    let gated = false;
    let firstRank = Number.POSITIVE_INFINITY;
    for (const answer of answers) {
      if (answer.kind !== 'created' || answer.job.status !== 'queued') continue;
      if (answer.job.gate !== null) gated = true;
      else firstRank = Math.min(firstRank, answer.job.rank as number);
    }
    return { answers, gated, firstRank: Number.isFinite(firstRank) ? firstRank : null };
  });
}

/** Answers with ids, which are all that a producer needs. */
export function createIdSubmitter(options: SubmitterOptions): Submitter<SubmittedId> {
  return groupingSubmitter(options, (jobs) => insertForIds(options.pool, jobs));
}

function groupingSubmitter<Answer>(
  { pool, wakeUps }: SubmitterOptions,
  insert: (jobs: NewJob[]) => Promise<Written<Answer>>,
): Submitter<Answer> {
  let waiting: Waiting<Answer>[] = [];
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

  async function writeGroup(group: Waiting<Answer>[]): Promise<void> {
    try {
      const answers = await write(group.map((entry) => entry.job));
      group.forEach((entry, n) => {
        entry.resolve(answers[n] as Answer);
      });
    } catch (error) {
      // One row that the database refuses must not fail its neighbours: each is tried alone.
      if (group.length > 1 && isBadValue(error)) for (const entry of group) await writeGroup([entry]);
      else for (const entry of group) entry.reject(error);
    }
  }

  async function write(jobs: NewJob[]): Promise<Answer[]> {
    const { answers, gated, firstRank } = await retryTransient(() => insert(jobs));
    if (firstRank !== null) wakeUps.send(firstRank);
    if (gated) {
      const opened = await openGates(pool);
      if (opened.firstRank !== null) wakeUps.send(opened.firstRank);
    }
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
      const answers: Answer[] = [];
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

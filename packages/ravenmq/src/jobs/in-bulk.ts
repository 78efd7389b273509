/** Cancelling and retrying many jobs: batch by batch, so that no transaction holds more than a few hundred rows. */
import type { Queryable } from '../db/connect.ts';
import { cancelJob } from './cancel.ts';
import { type JobFilter, listJobs } from './list.ts';
import { retryJob } from './retry-by-hand.ts';

export type BulkChange = 'cancel' | 'retry';

export interface BulkBatch {
  /** Jobs that were looked at. */
  matched: number;
  /** Ids that were changed; the others had moved on meanwhile. */
  changed: string[];
  /** Whether one of the changed jobs runs: its worker has been asked to stop. */
  stopping: boolean;
  /** Where the next batch begins; null: that was the last one. */
  next: string | null;
}

/** Changes the next `filter.limit` jobs that the filter finds. Run it in a transaction of the caller's scope. */
export async function changeMatching(
  db: Queryable,
  change: BulkChange,
  filter: JobFilter,
): Promise<BulkBatch> {
  const jobs = await listJobs(db, filter);
  const batch = await changeListed(
    db,
    change,
    jobs.map(({ id }) => id),
  );
  return { ...batch, next: jobs.length === filter.limit ? (jobs.at(-1)?.id ?? null) : null };
}

/** Changes the jobs with these ids, as far as the scope knows them. */
export async function changeListed(db: Queryable, change: BulkChange, ids: string[]): Promise<BulkBatch> {
  const changed: string[] = [];
  let stopping = false;
  // In one order, so that two people with the same selection do not wait for each other.
  for (const id of ids.toSorted()) {
    const answer = change === 'cancel' ? await cancelJob(db, id) : await retryJob(db, id);
    if (!answer || answer === 'finished' || answer === 'not_failed') continue;
    changed.push(id);
    stopping ||= answer.status === 'running';
  }
  return { matched: ids.length, changed, stopping, next: null };
}

/** Says once of each job that it runs far past its time, or will probably miss its deadline. */
import type { Queryable } from '../db/connect.ts';
import type { Logger } from '../log.ts';
import { listLongRuns, listRiskyDeadlines } from '../plan/alarms.ts';

export function createAlarms(db: Queryable, log: Logger): () => Promise<undefined> {
  let long = new Set<string>();
  let late = new Set<string>();
  return async () => {
    const longRuns = await listLongRuns(db, null);
    for (const run of longRuns) if (!long.has(run.job_id)) log.warn({ event: 'job_running_long', ...run });
    long = new Set(longRuns.map((run) => run.job_id));
    const risky = await listRiskyDeadlines(db, null);
    for (const { finish, ...job } of risky)
      if (!late.has(job.job_id))
        log.warn({ event: 'deadline_at_risk', ...job, finish_p90: finish?.p90 ?? null });
    late = new Set(risky.map((job) => job.job_id));
    return undefined;
  };
}

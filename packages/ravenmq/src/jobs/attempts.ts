import type { Queryable } from '../db/connect.ts';

export interface AttemptRow {
  /** 1 is the first start. */
  attempt: number;
  outcome: string;
  runtime_ms: number;
  predicted_runtime_ms: number;
  /** Ready to start. */
  wait_ms: number;
  worker_id: string | null;
  error_msg: string | null;
  /** When it ended. */
  logged_at: string;
}

/** The attempts of a job that have ended, the first one first. Run it in a scope. */
export async function listAttempts(db: Queryable, jobId: string): Promise<AttemptRow[]> {
  const { rows } = await db.query<AttemptRow & Record<string, unknown>>(
    `select attempt, outcome, runtime_ms, predicted_runtime_ms, wait_ms, worker_id, error_msg, logged_at
     from execution_logs where job_id = $1 order by fence limit 500`,
    [jobId],
  );
  return rows;
}

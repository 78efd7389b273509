import type { Queryable } from '../db/connect.ts';

export interface CandidateScores {
  misorder: number;
  logError: number;
  mape: number;
  coverage: number;
}

export interface Report {
  champions: { misorder: string; logError: string };
  /** Successful runs judged so far. */
  runs: number;
  candidates: Record<string, CandidateScores>;
}

/** What the predictor stored last of itself. */
export async function readReport(
  db: Queryable,
): Promise<{ report: Report | null; learned_at: string | null }> {
  const { rows } = await db.query<{ report: Report | null; updated_at: string }>(
    'select report, updated_at from predictor_memory',
  );
  const { report = null, updated_at: at = null } = rows[0] ?? {};
  return { report, learned_at: report && at };
}

import type { Queryable } from '../db/connect.ts';
import { type Choice, readChoice } from './choice.ts';

export interface CandidateScores {
  misorder: number;
  logError: number;
  mape: number;
  coverage: number;
}

interface Report {
  champions: { misorder: string; logError: string };
  /** Successful runs judged so far. */
  runs: number;
  candidates: Record<string, CandidateScores>;
}

export interface Version {
  id: number;
  candidate: string;
  trained_at: string;
  samples: number;
  took_ms: number;
  curve: number[];
  metrics: Partial<CandidateScores>;
}

export interface PredictorEvent {
  at: string;
  kind: string;
  question: string | null;
  candidate: string | null;
  version: number | null;
  before: string | null;
  metrics: Record<string, number>;
}

export interface PredictorState {
  choice: Choice;
  /** Null until the first run was learned. */
  report: Report | null;
  learned_at: string | null;
  versions: Version[];
  events: PredictorEvent[];
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

/** Everything people are told of the predictor: who predicts and why, how right each candidate was, what was trained. */
export async function readPredictor(db: Queryable): Promise<PredictorState> {
  const choice = await readChoice(db);
  const versions = await db.query<Version & Record<string, unknown>>(
    `select id, candidate, trained_at, samples, took_ms, curve, metrics from model_version order by id desc limit 40`,
  );
  const events = await db.query<PredictorEvent & Record<string, unknown>>(
    `select at, kind, question, candidate, version, before, metrics from predictor_event order by id desc limit 50`,
  );
  return { choice, ...(await readReport(db)), versions: versions.rows, events: events.rows };
}

import type { Queryable } from '../db/connect.ts';
import { type Choice, readChoice } from './choice.ts';
import { type CandidateScores, type Report, readReport } from './report.ts';

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

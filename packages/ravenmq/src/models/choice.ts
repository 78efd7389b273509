/** Who predicts, as people decide it: by measured gain (auto), one candidate (fixed), or running statistics only (off). */
import type { Queryable } from '../db/connect.ts';
import { readReport } from './report.ts';

export type Mode = 'auto' | 'fixed' | 'off';

export interface Choice {
  mode: Mode;
  /** The candidate that is fixed. */
  candidate: string | null;
  /** The version of its weights; null: the last one. */
  version: number | null;
  /** Somebody wants the nets to be trained now. */
  train_asked_at: string | null;
  changed_at: string;
}

export async function readChoice(db: Queryable): Promise<Choice> {
  const { rows } = await db.query<Choice & Record<string, unknown>>(
    'select mode, candidate, version, train_asked_at, changed_at from predictor_choice',
  );
  return rows[0] as Choice;
}

export interface Change {
  mode: Mode;
  candidate?: string | undefined;
  version?: number | undefined;
  /** Null: from the command line. */
  userId: string | null;
}

/**
 * Takes effect in the predictor within a second. Throws `Unknown` when there is no such candidate, or no such version
 * of it.
 */
export async function changeChoice(
  db: Queryable,
  { mode, candidate, version, userId }: Change,
): Promise<void> {
  if (candidate !== undefined) await requireCandidate(db, candidate);
  if (version !== undefined) {
    const known = await db.query('select from model_version where id = $1 and candidate = $2', [
      version,
      candidate,
    ]);
    if (known.rowCount === 0) throw new Unknown(`${candidate} has no version ${version}.`);
  }
  await db.query(
    `with old as (select mode, candidate from predictor_choice),
     event as (
       insert into predictor_event (kind, candidate, version, before, by_user)
       select $4, $2, $3, coalesce(candidate, mode), $5 from old
     )
     update predictor_choice set mode = $1, candidate = $2, version = $3, changed_at = clock_timestamp()`,
    [mode, candidate ?? null, version ?? null, mode === 'auto' ? 'released' : mode, userId],
  );
}

export class Unknown extends Error {}

async function requireCandidate(db: Queryable, candidate: string): Promise<void> {
  const { report } = await readReport(db);
  if (!report) throw new Unknown('Nothing has been learned yet: there are no candidates to choose from.');
  const known = Object.keys(report.candidates);
  if (!known.includes(candidate))
    throw new Unknown(`There is no candidate ${candidate}; there are ${known.join(', ')}.`);
}

/**
 * Fixes the version before the one that is used now of the candidate, which is the fixed one or the one given. Answers
 * it; undefined when there is none.
 */
export async function rollBack(
  db: Queryable,
  candidate: string,
  userId: string | null,
): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>(
    `select v.id from model_version v, predictor_choice c
     where v.candidate = $1
       and v.id < coalesce(case when c.candidate = $1 then c.version end,
         (select max(id) from model_version where candidate = $1))
     order by v.id desc limit 1`,
    [candidate],
  );
  const version = rows[0]?.id;
  if (version !== undefined) await changeChoice(db, { mode: 'fixed', candidate, version, userId });
  return version;
}

export async function askForTraining(db: Queryable): Promise<void> {
  await db.query('update predictor_choice set train_asked_at = clock_timestamp()');
}

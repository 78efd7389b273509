/**
 * What every predictor of run times is: told of the runs that ended, in the order in which they ended, and asked about
 * jobs before they run. Candidates are pure: they read no clock, no database and no file.
 */

/** How a run ended. Only `done` says how long success takes; the others are learned apart. */
export type Outcome = 'done' | 'failed' | 'timed_out' | 'cancelled' | 'crashed';

/** What is known of a job when it is submitted, or becomes ready again for another attempt. */
export interface Job {
  /** The organization, or the user where there is none. */
  tenant: string;
  user: string;
  type: string;
  /** With type and tenant it makes the series: jobs that should resemble each other. */
  name: string;
  /** What makes jobs of one series differ in kind (a branch, a model, a version); '' when there is none. */
  variant: string;
  /** How much there is to do, in a unit of the submitter's own; undefined when not given. */
  sizeHint: number | undefined;
  /** How long the submitter said it may take, in milliseconds; undefined when not given. */
  requestedMs: number | undefined;
  /** When it became ready, in milliseconds since 1970 (of a trace: since its start). */
  readyAtMs: number;
  /** 1 for the first. */
  attempt: number;
  /** How the attempt before this one ended; undefined for the first. */
  previousOutcome: Outcome | undefined;
}

export interface Run extends Job {
  startedAtMs: number;
  finishedAtMs: number;
  runtimeMs: number;
  outcome: Outcome;
}

/** All of them positive and finite, whatever was learned. */
export interface Prediction {
  p50Ms: number;
  p90Ms: number;
  /** Mean of the predicted distribution. */
  meanMs: number;
}

/** `History` is what all candidates share: the last runs by level of the series, so that none keeps its own. */
export interface Candidate<History> {
  readonly name: string;
  /** Not taken into the mix of the others: those that improve on it are, or it is there to be compared with. */
  readonly alone?: true;
  predict(job: Job, history: History): Prediction;
  /** Called once for each run, before the history holds it. */
  learn(run: Run, history: History): void;
}

/**
 * The predictor that is used: of all candidates the one that has proved best on runs it had not seen, by two judgements
 * of their own. The order counts what the champion of the mis-order cost says, the reported median is that of the
 * champion of the log error. A challenger must be better by a margin, so that near equals do not take turns.
 * Global, and of an organization's own runs once it has enough of them. One more candidate is the mix of the others.
 */
import type { Candidate, Job, Prediction, Run } from './candidate.ts';
import type { History } from './history.ts';
import { costOf, noScores, observe, type Question, type Scores, scoresOf } from './judge.ts';
import { evenWeights, isUsable, mixed, reweighed } from './mix.ts';
import { clampMs } from './running-stats.ts';

const hysteresis = 0.03;
/** Runs before the first judgement, and before an organization is judged by its own. */
const leastRuns = 50;
const ownRuns = 500;
/** Organizations with judgements of their own; those judged longest ago beyond it share the global one. */
const tenantsKept = 1_000;

/** Places of the champions among the candidates. */
export type Champions = Record<Question, number>;

interface Judged {
  scores: Scores;
  champions: Champions;
  /** Of the members of the mix, which is judged as the last of the candidates. */
  weights: number[];
}

/** Plain data: what has been judged so far, for candidates of these names. */
export interface Judgements {
  candidates: string[];
  global: Judged;
  /** By organization, those judged longest ago first. */
  own: [tenant: string, judged: Judged][];
}

export interface Champion extends Candidate<History> {
  readonly candidates: readonly Candidate<History>[];
  /** Who predicts for a job of this organization; of all together without one. */
  championsOf(tenant?: string): Record<Question, string>;
  /** Adds a run without judging anybody by it: it was judged before, or was trained on. */
  remember(run: Run, history: History): void;
  /** What the candidates cost by either question, over all organizations, by name. */
  scores(): Record<string, ReturnType<typeof scoresOf>>;
  /** The judgements themselves, to be written out at once: the next run changes them. */
  judgements(): Judgements;
  /** Lets this candidate predict whatever is judged; undefined: the best one again. */
  fix(candidate: string | undefined): void;
}

/** The first candidate is the one that needs no proof; it also steps in for what is not a number. */
export function createChampion(
  candidates: [Candidate<History>, ...Candidate<History>[]],
  name = 'champion',
  before?: Judgements,
): Champion {
  const members = candidates.flatMap(({ alone }, n) => (alone ? [] : [n]));
  const names = candidates.map((candidate) => candidate.name);
  if (members.length > 1) names.push('mix');
  const membersOf = (predictions: Prediction[]) => members.map((n) => predictions[n] as Prediction);
  const judged = (): Judged => ({
    scores: noScores(names.length),
    champions: { misorder: 0, logError: 0 },
    weights: evenWeights(members.length),
  });
  // Judgements of other candidates say nothing of these.
  const kept = before && before.candidates.join() === names.join() ? structuredClone(before) : undefined;
  const global = kept?.global ?? judged();
  const own = new Map<string, Judged>(kept?.own);
  let fixed: number | undefined;
  /** What was said when a job was asked about: a run that is the same object is judged by that. */
  const said = new WeakMap<Job, Prediction[]>();
  const askAll = (job: Job, history: History) => {
    const predictions = candidates.map((candidate) => candidate.predict(job, history));
    if (members.length > 1) predictions.push(mixed(judgementOf(job.tenant).weights, membersOf(predictions)));
    return predictions;
  };

  function judgementOf(tenant: string | undefined): Judged {
    const judgement = tenant === undefined ? undefined : own.get(tenant);
    return judgement && judgement.scores.runs >= ownRuns ? judgement : global;
  }

  function placesFor(tenant: string | undefined): Champions {
    if (fixed !== undefined) return { misorder: fixed, logError: fixed };
    return judgementOf(tenant).champions;
  }

  const remember = (run: Run, history: History) => {
    for (const candidate of candidates) candidate.learn(run, history);
  };

  function ownOf(tenant: string): Judged {
    const judgement = own.get(tenant) ?? judged();
    own.delete(tenant);
    own.set(tenant, judgement);
    if (own.size > tenantsKept) own.delete(own.keys().next().value as string);
    return judgement;
  }

  return {
    name,
    candidates,
    remember,
    predict(job, history) {
      const predictions = askAll(job, history);
      if (!said.has(job)) said.set(job, predictions);
      const { misorder, logError } = placesFor(job.tenant);
      const [first, ordering, reported] = [0, misorder, logError].map((n) => predictions[n]) as [
        Prediction,
        Prediction,
        Prediction,
      ];
      const { p50Ms, p90Ms } = isUsable(reported) ? reported : first;
      const { meanMs } = isUsable(ordering) ? ordering : first;
      return { p50Ms, p90Ms: Math.max(p50Ms, p90Ms), meanMs };
    },
    learn(run, history) {
      if (run.outcome === 'done') {
        const predictions = said.get(run) ?? askAll(run, history);
        const ms = clampMs(run.runtimeMs);
        for (const judgement of [global, ownOf(run.tenant)]) {
          observe(judgement.scores, ms, predictions);
          judgement.champions = elect(judgement);
          judgement.weights = reweighed(judgement.weights, membersOf(predictions), ms);
        }
      }
      remember(run, history);
    },
    championsOf(tenant) {
      const { misorder, logError } = placesFor(tenant);
      return { misorder: names[misorder] as string, logError: names[logError] as string };
    },
    scores: () => Object.fromEntries(names.map((candidate, n) => [candidate, scoresOf(global.scores, n)])),
    judgements: () => ({ candidates: names, global, own: [...own] }),
    fix(candidate) {
      const place = candidate === undefined ? -1 : names.indexOf(candidate);
      fixed = place >= 0 ? place : undefined;
    },
  };
}

function elect({ scores, champions }: Judged): Champions {
  if (scores.runs < leastRuns) return champions;
  return {
    misorder: electFor('misorder', scores, champions.misorder),
    logError: electFor('logError', scores, champions.logError),
  };
}

/** The incumbent, unless the best challenger beats it by the margin. */
function electFor(question: Question, scores: Scores, incumbent: number): number {
  let best = incumbent;
  for (let n = 0; n < scores.wrong.length; n++) {
    if (costOf(scores, question, n) < costOf(scores, question, best)) best = n;
  }
  const enough = costOf(scores, question, incumbent) * (1 - hysteresis);
  return costOf(scores, question, best) < enough ? best : incumbent;
}

/** Replays a trace under several orders and predictors, as recorded or shaken, and says where each lies. */
import { policies, type ReplayedPolicy } from '../order/policies.ts';
import { type Load, timeScaleOf, utilisation } from './load.ts';
import { type Figures, measure } from './measure.ts';
import { oracle } from './oracle.ts';
import { createPredictor } from './predictors.ts';
import { shaken } from './shake.ts';
import { type Schedule, simulate } from './simulate.ts';
import { jobsOf, type ReplayedJob, type TraceRow } from './trace.ts';

/** The orders that can be asked for; those that end in -oracle know the run times. */
export const policyNames = [
  ...policies,
  'predicted-priority',
  'hrrn',
  'shortest-oracle',
  'adaptive-oracle',
] as const;
export type PolicyName = (typeof policyNames)[number];

export interface Question {
  rows: readonly TraceRow[];
  slots: number;
  load: Load;
  policies: readonly PolicyName[];
  predictors: readonly string[];
  /** 0 is the trace as recorded, every other number a shaken one. */
  seeds: readonly number[];
  onProgress?: (done: number, all: number) => void;
  onSchedule?: (replay: Replay, jobs: readonly ReplayedJob[], schedule: Schedule) => void;
}

export interface Replay {
  policy: PolicyName;
  /** '' where the order asks for no prediction. */
  predictor: string;
  seed: number;
}

/** Of the way from first come, first served (0) to clairvoyant shortest first (100). */
export interface Gap {
  wait: number;
  slowdown: number;
}

export interface Result extends Replay {
  figures: Figures;
  gap: Gap;
  /** What the replay took. */
  elapsedMs: number;
}

export interface Comparison {
  jobs: number;
  slots: number;
  timeScale: number;
  utilisation: number;
  results: Result[];
}

export function compare(question: Question): Comparison {
  const { rows, slots, load, seeds, onProgress, onSchedule } = question;
  const timeScale = timeScaleOf(rows, slots, load);
  const pairs = pairsOf(question);
  const replays = 2 + pairs.filter(([policy]) => policy !== 'fifo' && policy !== 'shortest-oracle').length;
  const all = seeds.length * replays * rows.length;
  let before = 0;

  const results = seeds.flatMap((seed) => {
    const shown = seed === 0 ? rows : shaken(rows, seed);
    const replay = (policy: PolicyName, predictor: string): Omit<Result, 'gap'> => {
      const jobs = jobsOf(shown, timeScale);
      const startedMs = performance.now();
      const schedule = simulate({
        jobs,
        slots,
        policy: policy.replace('-oracle', '') as ReplayedPolicy,
        predictor:
          predictor === '' || predictor === 'oracle' ? oracle(jobs) : createPredictor(predictor, seed),
        onProgress: (ended) => onProgress?.(before + ended, all),
      });
      const elapsedMs = performance.now() - startedMs;
      before += rows.length;
      onProgress?.(before, all);
      const which = { policy, predictor, seed };
      onSchedule?.(which, jobs, schedule);
      return { ...which, figures: measure(jobs, schedule), elapsedMs };
    };
    const fifo = replay('fifo', '');
    const best = replay('shortest-oracle', 'oracle');
    return pairs.map(([policy, predictor]) => {
      const done = policy === 'fifo' ? fifo : policy === 'shortest-oracle' ? best : replay(policy, predictor);
      return { ...done, gap: gapOf(done.figures, fifo.figures, best.figures) };
    });
  });
  return { jobs: rows.length, slots, timeScale, utilisation: utilisation(rows, slots) / timeScale, results };
}

/** Orders that ask for no prediction, or for the truth, are replayed once. */
function pairsOf({ policies, predictors }: Question): [PolicyName, string][] {
  return policies.flatMap((policy): [PolicyName, string][] => {
    if (policy === 'fifo') return [[policy, '']];
    if (policy.endsWith('-oracle')) return [[policy, 'oracle']];
    return predictors.map((predictor) => [policy, predictor]);
  });
}

function gapOf(figures: Figures, fifo: Figures, best: Figures): Gap {
  const part = (of: (figures: Figures) => number) =>
    of(fifo) === of(best) ? 0 : (100 * (of(fifo) - of(figures))) / (of(fifo) - of(best));
  return { wait: part(({ meanWaitMs }) => meanWaitMs), slowdown: part(({ slowdown }) => slowdown) };
}

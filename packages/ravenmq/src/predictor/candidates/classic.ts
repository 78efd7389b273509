/**
 * The plain form that everything else is measured against: a base runtime per job type, multiplied by a factor between
 * 0.7 and 1.3 that a two-layer LSTM reads from the types of the last three jobs that ended. It knows nothing of names,
 * users or earlier run times. Types without a base runtime of their own have the mean of their runs.
 */
import type { Job } from '../candidate.ts';
import type { History } from '../history.ts';
import { createBlock, predictBlock } from '../net/block.ts';
import { seeded } from '../net/random.ts';
import { emptyQuestions, emptySamples } from '../net/samples.ts';
import {
  initialParameters,
  type Parameters,
  parameterCount,
  type Shape,
  viewParameters,
} from '../net/shape.ts';
import { runRefit } from '../net/train.ts';
import { baseMs, clampMs, priorOf } from '../running-stats.ts';
import { basePerType } from './base-per-type.ts';
import type { NetCandidate } from './residual-net.ts';

const steps = 3;
/** One-hot: the built-in types, and one for all others. */
const kinds = [...baseMs.keys()];
const inputs = kinds.length + 1;
const shape: Shape = { inputs, steps, hidden: 8, layers: 2, statics: 1, dense: 8, levels: [0.5] };
/** The factor is 1 up to so much more or less. */
const reach = 0.3;
const training = { epochs: 4, rate: 0.01, decay: 0 };
const windowSize = 1_000;
const runsPerRefit = 500;
/** Organizations whose last types are known. */
const tenantsKept = 10_000;

interface Seen {
  /** Of the last jobs, latest last, as places in the one-hot. */
  types: number[];
  /** What the factor should have been, as a part of its reach: -1 to 1. */
  target: number;
}

export function classic({ seed = 1, inline = false } = {}): NetCandidate {
  const means = basePerType();
  const lastTypes = new Map<string, number[]>();
  const window: Seen[] = [];
  const factorOf = factorReader();
  const random = seeded(seed);
  let parameters = initialParameters(shape, seed);
  let fresh = 0;

  const baseOf = (job: Job, history: History) => baseMs.get(job.type) ?? means.predict(job, history).p50Ms;
  const typesOf = ({ tenant }: Job) => lastTypes.get(tenant) ?? [];

  const candidate: NetCandidate = {
    name: 'classic',
    alone: true,
    shape,
    get weights() {
      return parameters.all as Float32Array<ArrayBuffer>;
    },
    predict(job, history) {
      const ms = clampMs(baseOf(job, history) * factorOf(parameters, typesOf(job)));
      return { p50Ms: ms, p90Ms: ms, meanMs: ms };
    },
    learn(run, history) {
      const types = typesOf(run);
      if (run.outcome === 'done') {
        window.push({ types, target: within((run.runtimeMs / baseOf(run, history) - 1) / reach) });
        if (window.length > windowSize) window.shift();
        means.learn(run, history);
        fresh++;
      }
      lastTypes.delete(run.tenant);
      lastTypes.set(run.tenant, [...types, placeOf(run.type)].slice(-steps));
      if (lastTypes.size > tenantsKept) lastTypes.delete(lastTypes.keys().next().value as string);
      const due = inline ? candidate.refit() : undefined;
      if (due) candidate.take(runRefit(due).weights);
    },
    refit(now = false) {
      if (fresh < runsPerRefit && !(now && window.length > 0)) return undefined;
      fresh = 0;
      const samples = emptySamples(shape, window.length);
      window.forEach(({ types, target }, row) => {
        fillTypes(samples, row, types);
        samples.targets[row] = target;
      });
      const warm = parameters.all.every(Number.isFinite) ? parameters : initialParameters(shape, seed);
      const weights = warm.all as Float32Array<ArrayBuffer>;
      return { shape, weights, samples, training: { ...training, seed: Math.floor(random() * 2 ** 31) } };
    },
    take(weights) {
      parameters = viewParameters(shape, weights);
    },
    rest() {
      fresh = 0;
    },
  };
  return candidate;
}

/**
 * What a job of the type takes after jobs of these types, the latest last, by weights of the candidate; by the base
 * runtime alone while there are none.
 */
export function classicMs(
  type: string,
  types: readonly string[],
  weights?: Float32Array<ArrayBuffer>,
): number {
  const parameters =
    weights?.length === parameterCount(shape) ? viewParameters(shape, weights) : initialParameters(shape, 1);
  return clampMs(priorOf(type).p50Ms * factorReader()(parameters, types.slice(-steps).map(placeOf)));
}

/** Reads factors with buffers of its own. */
function factorReader() {
  const block = createBlock(shape, 1);
  const question = emptyQuestions(shape, 1);
  const only = new Uint32Array([0]);
  return (parameters: Parameters, types: number[]): number => {
    fillTypes(question, 0, types);
    const answer = predictBlock(block, parameters, question, only)[0] as number;
    return 1 + reach * (Number.isFinite(answer) ? within(answer) : 0);
  };
}

const placeOf = (type: string) => (kinds.includes(type) ? kinds.indexOf(type) : kinds.length);

const within = (part: number) => Math.min(1, Math.max(-1, part));

function fillTypes(to: ReturnType<typeof emptyQuestions>, row: number, types: number[]): void {
  to.lengths[row] = types.length;
  const begin = (row + 1) * steps * inputs - types.length * inputs;
  to.sequences.fill(0, row * steps * inputs, (row + 1) * steps * inputs);
  types.forEach((place, n) => {
    to.sequences[begin + n * inputs + place] = 1;
  });
}

/**
 * A net as a candidate: it predicts the distribution of the residual over the shrunk log mean. Training is a function of
 * its own, `train` of a refit, so that it can run elsewhere; between refits the weights stand still.
 */
import { Alike } from '../alike.ts';
import type { Candidate, Job, Prediction } from '../candidate.ts';
import { type Encoded, encode } from '../features.ts';
import type { History } from '../history.ts';
import { createBlock, predictBlock } from '../net/block.ts';
import type { Floats } from '../net/floats.ts';
import { clipResidual, medianOf, readQuantiles } from '../net/quantiles.ts';
import { seeded } from '../net/random.ts';
import { emptyQuestions } from '../net/samples.ts';
import { initialParameters, type Shape, viewParameters } from '../net/shape.ts';
import { type Refit, runRefit, type Training } from '../net/train.ts';
import { clampMs } from '../running-stats.ts';
import { Trust } from '../trust.ts';
import { Widening } from '../widening.ts';
import { fillQuestion, Window } from '../window.ts';

export interface NetCandidate extends Candidate<History> {
  readonly shape: Shape;
  readonly weights: Float32Array<ArrayBuffer>;
  /**
   * A refit when enough runs were learned since the last, or `now` when there are any; whoever takes it gives back
   * what came out by `take`.
   */
  refit(now?: boolean): Refit | undefined;
  take(weights: Float32Array<ArrayBuffer>): void;
  /** The weights know all runs so far: the next refit is due after as many new ones. */
  rest(): void;
}

export interface NetOptions {
  shape: Shape;
  training: Omit<Training, 'seed' | 'epochs'>;
  /** Samples seen in a refit, as often as that takes; of few samples none more than `mostEpochs` times. */
  visits: number;
  seed: number;
  /** Trains inside `learn`: where nothing else waits. */
  inline: boolean;
}

const windowSize = 15_000;
const samplesPerRefit = 8_000;
/** Runs between two refits: half as many as there were at the last, but not fewer or more than these. */
const fewestRuns = 200;
const mostRuns = 800;
const mostEpochs = 20;
/** Jobs whose features are kept until they ended, so that a net learns from what it was asked. */
const askedKept = 10_000;

/** A job as it was when it was asked about first, and what was said. */
interface Asked extends Encoded {
  /** The residual's median by the net alone. */
  netMedian: number;
  /** ln milliseconds. */
  log90: number;
}

export function residualNet(name: string, options: NetOptions): NetCandidate {
  const { shape, training, visits, seed, inline } = options;
  const window = new Window(shape, windowSize);
  const random = seeded(seed);
  const block = createBlock(shape, 1);
  const question = emptyQuestions(shape, 1);
  const only = new Uint32Array([0]);
  const known = new Map<string, Asked>();
  const alike = new Alike();
  const trust = new Trust();
  const widening = new Widening();
  let parameters = initialParameters(shape, seed);
  let refits = 0;
  let fresh = 0;
  let due = fewestRuns;

  function ask(encoded: Encoded): Floats {
    fillQuestion(question, shape, 0, encoded);
    return predictBlock(block, parameters, question, only);
  }

  function say(job: Job, history: History): { asked: Asked; prediction: Prediction } {
    const encoded = encode(job, history, alike.logsOf(job));
    const answer = ask(encoded);
    const netMedian = medianOf(answer);
    blend(answer, question.offsets, trust.share);
    const prediction = decode(answer, trust.share, widening.factor ** trust.share, encoded);
    return { asked: { ...encoded, netMedian, log90: Math.log(prediction.p90Ms) }, prediction };
  }

  const candidate: NetCandidate = {
    name,
    shape,
    get weights() {
      return parameters.all as Float32Array<ArrayBuffer>;
    },
    predict(job, history) {
      const { asked, prediction } = say(job, history);
      const key = keyOf(job);
      // The first question counts: what was known at submission is what the net will know of the next job.
      if (!known.has(key)) known.set(key, asked);
      if (known.size > askedKept) known.delete(known.keys().next().value as string);
      return prediction;
    },
    learn(run, history) {
      if (run.outcome === 'done') {
        const log = Math.log(clampMs(run.runtimeMs));
        const asked = known.get(keyOf(run)) ?? say(run, history).asked;
        const residual = clipResidual(log - asked.base);
        trust.observe(residual, asked.netMedian);
        if (trust.share > 0) widening.observe(log > asked.log90);
        window.add(asked, residual);
        alike.add(run, log);
        fresh++;
      }
      if (!inline) return;
      const refit = candidate.refit();
      if (refit) candidate.take(runRefit(refit).weights);
    },
    refit(now = false) {
      if (fresh < due && !(now && window.size > 0)) return undefined;
      candidate.rest();
      refits++;
      const samples = window.sample(samplesPerRefit, random);
      // What is no number would stay so.
      const warm = parameters.all.every(Number.isFinite) ? parameters : initialParameters(shape, seed);
      const weights = warm.all as Float32Array<ArrayBuffer>;
      const epochs = Math.min(mostEpochs, Math.max(1, Math.round(visits / samples.count)));
      return { shape, weights, samples, training: { ...training, epochs, seed: seed + refits } };
    },
    rest() {
      fresh = 0;
      due = Math.min(mostRuns, Math.max(fewestRuns, window.size >> 1));
    },
    take(weights) {
      parameters = viewParameters(shape, weights);
    },
  };
  return candidate;
}

const keyOf = ({ tenant, user, type, name, variant, requestedMs, sizeHint, readyAtMs, attempt }: Job) =>
  JSON.stringify([tenant, user, type, name, variant, requestedMs, sizeHint, readyAtMs, attempt]);

/** Of every quantile the share of the answer that is believed, the rest of what held before; in place. */
function blend(answer: Floats, before: Float32Array, share: number): Floats {
  for (let n = 0; n < answer.length; n++) {
    const believed = (before[n] as number) + share * ((answer[n] as number) - (before[n] as number));
    answer[n] = share > 0 && Number.isFinite(believed) ? believed : (before[n] as number);
  }
  return answer;
}

/**
 * The mean is half the net's and half the history's, which has seen the rare long runs that the outermost quantiles
 * leave out: that orders better than either.
 */
function decode(quantiles: Floats, share: number, widened: number, { base, meanMs }: Encoded): Prediction {
  const { p50, p90, meanFactor } = readQuantiles(quantiles, 0, 1);
  const netMs = Math.exp(base) * meanFactor;
  return {
    p50Ms: clampMs(Math.exp(base + p50)),
    p90Ms: clampMs(Math.exp(base + p50 + widened * (p90 - p50))),
    meanMs: clampMs(meanMs + (share / 2) * (netMs - meanMs)),
  };
}

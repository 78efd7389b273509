/**
 * How many samples a second of processor time the net learns, beside an LSTM in NumPy that learns one sample at a time.
 * `ravenmq` has NumPy's shape (64 units, 3 steps, one layer) and a head more; `ravenmq-default` is the shape in use:
 * two layers of 16 units over 12 steps. NumPy in its default double precision with the same optimizer, and in the
 * fastest form: single precision, plain gradient descent.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { lstm } from '../../packages/ravenmq/src/predictor/candidates/lstm.ts';
import { createBlock, predictBlock } from '../../packages/ravenmq/src/predictor/net/block.ts';
import { seeded } from '../../packages/ravenmq/src/predictor/net/random.ts';
import { emptySamples, type Samples } from '../../packages/ravenmq/src/predictor/net/samples.ts';
import {
  initialParameters,
  type Shape,
  viewParameters,
} from '../../packages/ravenmq/src/predictor/net/shape.ts';
import { train } from '../../packages/ravenmq/src/predictor/net/train.ts';
import type { Figures } from '../compare.ts';
import { type Line, linesOf } from '../line.ts';
import { round } from '../spread.ts';

const inUse = lstm().shape;
const likeNumpy: Shape = { ...inUse, inputs: 4, steps: 3, hidden: 64, layers: 1, statics: 1, dense: 8 };

/** What NumPy runs as: precision and optimizer. */
const numpys = { numpy: ['float64', 'adam'], 'numpy-fastest': ['float32', 'sgd'] };

export async function netSpeed(rounds: number, scale: number): Promise<Line[]> {
  const count = Math.max(256, Math.round(4_000 * scale));
  const results = new Map<string, Figures[]>([['ravenmq', []]]);
  const note = (name: string, figures: Figures) => {
    results.set(name, [...(results.get(name) ?? []), figures]);
    console.error(`net-speed ${name}: ${JSON.stringify(figures)}`);
  };
  let version: string | undefined;
  for (let n = 0; n < rounds; n++) {
    note('ravenmq', measureOurs(likeNumpy, count));
    note('ravenmq-default', measureOurs(inUse, count));
    for (const [name, form] of Object.entries(numpys)) {
      const numpy = measureNumpy(count, form);
      if (!numpy) continue;
      version = numpy.version;
      note(name, { samples_per_s: numpy.samplesPerS });
    }
  }
  if (!version) console.error('Without numpy: `python3` with NumPy is not on PATH.');
  return linesOf(undefined, 'net-speed', scale, results, version === undefined ? {} : { numpy: version });
}

function measureOurs(shape: Shape, count: number): Figures {
  const samples = randomSamples(shape, count);
  let weights = initialParameters(shape, 1).all as Float32Array<ArrayBuffer>;
  const epoch = () => {
    weights = train(shape, weights, samples, { epochs: 1, rate: 0.003, decay: 0.1, seed: 1 }).weights;
  };
  epoch();
  const learnMs = cpuMs(epoch);
  const [block, parameters, which] = [
    createBlock(shape, 1),
    viewParameters(shape, weights),
    new Uint32Array(1),
  ];
  const predict = () => {
    for (which[0] = 0; which[0] < count; which[0]++) predictBlock(block, parameters, samples, which);
  };
  predict();
  return {
    samples_per_s: Math.round(count / (learnMs / 1_000)),
    predict_us: round((cpuMs(predict) * 1_000) / count, 1),
  };
}

function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function randomSamples(shape: Shape, count: number): Samples {
  const samples = emptySamples(shape, count);
  const random = seeded(1);
  for (let n = 0; n < samples.sequences.length; n++) samples.sequences[n] = 2 * random() - 1;
  for (let n = 0; n < samples.statics.length; n++) samples.statics[n] = 2 * random() - 1;
  for (let n = 0; n < count; n++) samples.targets[n] = 2 * random() - 1;
  samples.lengths.fill(shape.steps);
  return samples;
}

/** Undefined where there is no Python or no NumPy. */
function measureNumpy(count: number, form: string[]): { samplesPerS: number; version: string } | undefined {
  const script = fileURLToPath(new URL('lstm-numpy.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync('python3', [script, String(count), ...form], {
    encoding: 'utf8',
    // One sample is too little work for several threads: they would only wait for each other.
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
  });
  if (status === 3 || stdout === null) return undefined;
  if (status !== 0) throw new Error(`lstm-numpy.py failed:\n${stderr}`);
  const [speed, version = ''] = stdout.trim().split(' ');
  return { samplesPerS: Math.round(Number(speed)), version };
}

/** The predictors that a replay can be run with, by name. Nets train inside the replay, between two events. */
import type { Candidate } from '../predictor/candidate.ts';
import { basePerType } from '../predictor/candidates/base-per-type.ts';
import { classic } from '../predictor/candidates/classic.ts';
import { experts } from '../predictor/candidates/experts.ts';
import { linear } from '../predictor/candidates/linear.ts';
import { lstm } from '../predictor/candidates/lstm.ts';
import { shrunkLogMean, shrunkMean } from '../predictor/candidates/shrunk.ts';
import { createChampion } from '../predictor/champion.ts';
import type { History } from '../predictor/history.ts';

type Make = (seed: number) => Candidate<History>;

const simple = (): [Candidate<History>, ...Candidate<History>[]] => [
  shrunkMean(),
  shrunkLogMean(),
  experts(),
];

const withNets = (seed: number): ReturnType<typeof simple> => [
  ...simple(),
  linear({ seed, inline: true }),
  lstm({ seed, inline: true }),
];

const makers: Record<string, Make> = {
  classic: (seed) => classic({ seed, inline: true }),
  'base-per-type': basePerType,
  'shrunk-log-mean': shrunkLogMean,
  'shrunk-mean': shrunkMean,
  experts,
  linear: (seed) => linear({ seed, inline: true }),
  lstm: (seed) => lstm({ seed, inline: true }),
  mix: (seed) => {
    const champion = createChampion(withNets(seed), 'mix');
    champion.fix('mix');
    return champion;
  },
  champion: (seed) => createChampion(withNets(seed), 'champion'),
  'champion-without-lstm': (seed) =>
    createChampion([...simple(), linear({ seed, inline: true })], 'champion-without-lstm'),
};

export const predictorNames = Object.keys(makers);

/** A predictor that has learned nothing yet. */
export function createPredictor(name: string, seed: number): Candidate<History> {
  const make = makers[name];
  if (!make) throw new Error(`There is no predictor ${name}; there are ${predictorNames.join(', ')}.`);
  return make(seed);
}

/** The replays that were saved, a line of JSON each; of equal ones the newest counts. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Gap } from '../../packages/ravenmq/src/simulator/compare.ts';
import type { Figures } from '../../packages/ravenmq/src/simulator/measure.ts';

export interface SavedReplay {
  trace: string;
  jobs: number;
  slots: number;
  utilisation: number;
  policy: string;
  predictor: string;
  seed: number;
  figures: Figures;
  gap: Gap;
  /** The same jobs, first come, first served. */
  fifo: Pick<Figures, 'meanWaitMs' | 'slowdown' | 'p99WaitMs' | 'maxWaitMs'>;
  elapsedMs: number;
  date: string;
  machine: string;
}

const file = new URL('../results/learning.jsonl', import.meta.url);

/** What makes two replays the same. */
export const keyOf = ({
  trace,
  policy,
  predictor,
  seed,
}: Pick<SavedReplay, 'trace' | 'policy' | 'predictor' | 'seed'>): string =>
  [trace, policy, predictor, seed].join(' ');

export const saveReplays = (replays: SavedReplay[]): void =>
  appendFileSync(file, replays.map((replay) => `${JSON.stringify(replay)}\n`).join(''));

export function savedReplays(): SavedReplay[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
  const replays = lines.map((line): SavedReplay => JSON.parse(line));
  return [...new Map(replays.map((replay) => [keyOf(replay), replay])).values()];
}

/**
 * What learning is worth: every predictor on every trace at moderate load, shaken by the same seeds. Every replay is
 * told, and saved if wanted, as soon as it is done, so that a long run can be broken off and gone on with.
 */
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, type PolicyName } from '../../packages/ravenmq/src/simulator/compare.ts';
import { predictorNames } from '../../packages/ravenmq/src/simulator/predictors.ts';
import { readTrace, traceName } from '../../packages/ravenmq/src/simulator/read-trace.ts';
import type { TraceRow } from '../../packages/ravenmq/src/simulator/trace.ts';
import { keyOf, type SavedReplay, savedReplays, saveReplays } from './replays.ts';

export interface LearningOptions {
  /** Folders of traces besides bench/traces. */
  folders: string[];
  predictors: string[];
  seeds: number;
  save: boolean;
  /** Leaves out what was saved before: goes on with a run that was broken off. */
  missing?: boolean;
  /** Replays the first jobs only, so many. */
  jobs?: number;
}

/** What slots suit the size of a trace's jobs; 8 for any other. */
const slotsOf: Record<string, number> = { 'kth-sp2': 10, 'llnl-atlas': 15 };
/** Orders that are compared by the cheapest predictor. */
const orders: PolicyName[] = ['predicted-priority', 'shortest', 'hrrn', 'adaptive-oracle', 'shortest-oracle'];
const cheapest = 'shrunk-mean';

export const learningPredictors = predictorNames;

export async function learning(options: LearningOptions): Promise<void> {
  const files = tracesIn([fileURLToPath(new URL('../traces', import.meta.url)), ...options.folders]);
  const saved = new Set(options.missing ? savedReplays().map(keyOf) : []);
  for (let seed = 1; seed <= options.seeds; seed++) {
    for (const file of files) {
      const rows = (await readTrace(file)).slice(0, options.jobs);
      const isMissing = (policy: PolicyName, predictor: string) =>
        !saved.has(keyOf({ trace: traceName(file), policy, predictor, seed }));
      const others = orders.filter((policy) =>
        isMissing(policy, policy.endsWith('-oracle') ? 'oracle' : cheapest),
      );
      if (others.length > 0) answer(options, file, rows, seed, others, [cheapest]);
      for (const predictor of options.predictors)
        if (isMissing('adaptive', predictor)) answer(options, file, rows, seed, ['adaptive'], [predictor]);
    }
  }
}

function answer(
  { save }: LearningOptions,
  file: string,
  rows: TraceRow[],
  seed: number,
  policies: PolicyName[],
  predictors: string[],
): void {
  const trace = traceName(file);
  const asked = { rows, slots: slotsOf[trace] ?? 8, load: 'moderate' as const, predictors, seeds: [seed] };
  const { jobs, slots, utilisation, results } = compare({ ...asked, policies: ['fifo', ...policies] });
  const [first, ...others] = results;
  const { meanWaitMs, slowdown, p99WaitMs, maxWaitMs } = (first as (typeof results)[number]).figures;
  const replays = others.map(
    (result): SavedReplay => ({
      ...result,
      ...{ trace, jobs, slots, utilisation },
      fifo: { meanWaitMs, slowdown, p99WaitMs, maxWaitMs },
      date: new Date().toISOString(),
      machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`,
    }),
  );
  for (const replay of replays) console.log(tell(replay));
  if (save) saveReplays(replays);
}

function tell({ trace, seed, policy, predictor, gap, figures, elapsedMs }: SavedReplay): string {
  const parts = [
    `gap ${gap.wait.toFixed(1)}/${gap.slowdown.toFixed(1)}`,
    `log error ${figures.logError.toFixed(3)}`,
    `mis-order ${figures.misorder.toFixed(3)}`,
    `${(elapsedMs / 1_000).toFixed(1)} s`,
  ];
  return `${trace} ${seed} ${policy} ${predictor}: ${parts.join(', ')}`;
}

function tracesIn(folders: string[]): string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(csv|swf)(\.gz)?$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  return [...new Map(files.toReversed().map((file) => [traceName(file), file])).values()].toReversed();
}

/**
 * What the learning predictor holds in memory: the history of the last runs, the candidates, and how they were judged.
 * It is true for one position in the log only. Whoever finds another position there than he remembers (another
 * predictor went on, a transaction failed) forgets and recalls: judgements and weights from the database, the rest by
 * going through the last runs once more, which judges nobody.
 */
import type { Pool } from '../db/connect.ts';
import { type Position, readBack } from '../jobs/follow-logs.ts';
import { latestWeights } from '../models/versions.ts';
import type { Run } from './candidate.ts';
import { classic } from './candidates/classic.ts';
import { experts } from './candidates/experts.ts';
import { linear } from './candidates/linear.ts';
import { lstm } from './candidates/lstm.ts';
import type { NetCandidate } from './candidates/residual-net.ts';
import { shrunkLogMean, shrunkMean } from './candidates/shrunk.ts';
import { type Champion, createChampion, type Judgements } from './champion.ts';
import { History } from './history.ts';
import { inSlices } from './in-slices.ts';
import type { Question } from './judge.ts';
import { runOf } from './runs.ts';

/** Runs gone through at a recall: the nets' window. */
const runsRecalled = 15_000;
/** Series whose last run is kept, so that their estimates can be made anew. */
const seriesKept = 50_000;

export interface Memory {
  position: Position;
  readonly history: History;
  readonly champion: Champion;
  readonly nets: readonly NetCandidate[];
  /** The last successful run of a series or of a variant of it, by `seriesKey`, the longest unused first. */
  readonly latest: Map<string, Run>;
  /** Keys of `latest` whose estimates are those of an earlier champion. */
  stale: string[];
  /** Champions when that was looked at last. */
  champions: Record<Question, string>;
  /** Which choice of a person was applied: when it was made. */
  choiceAt?: string;
}

export const seriesKey = ({ tenant, type, name, variant }: Run): string =>
  JSON.stringify([tenant, type, name, variant]);

export async function recall(pool: Pool, position: Position): Promise<Memory> {
  const nets = [linear(), lstm(), classic()];
  const trained = [];
  for (const net of nets) {
    const weights = await latestWeights(pool, net.name);
    if (weights?.length !== net.weights.length) continue;
    net.take(weights);
    trained.push(net);
  }
  const champion = createChampion(
    [shrunkMean(), shrunkLogMean(), experts(), ...nets],
    'champion',
    await readJudgements(pool),
  );
  const memory: Memory = {
    ...{ position, history: new History(), champion, nets, latest: new Map(), stale: [] },
    champions: champion.championsOf(),
  };
  const runs = (await readBack(pool, position, runsRecalled)).map(runOf);
  await inSlices(runs, (run) => {
    champion.remember(run, memory.history);
    note(memory, run);
  });
  for (const net of trained) net.rest();
  return memory;
}

/** Adds a run to the history, after the candidates have learned it. */
export function note({ history, latest }: Memory, run: Run): void {
  history.add(run);
  if (run.outcome !== 'done') return;
  const key = seriesKey(run);
  latest.delete(key);
  latest.set(key, run);
  if (latest.size > seriesKept) latest.delete(latest.keys().next().value as string);
}

async function readJudgements(pool: Pool): Promise<Judgements | undefined> {
  const { rows } = await pool.query<{
    global: Omit<Judgements, 'own'> | null;
    own: Pick<Judgements, 'candidates' | 'own'> | null;
  }>('select judged_globally as global, judged_by_tenant as own from predictor_memory');
  const { global, own } = rows[0] ?? {};
  if (!global) return undefined;
  const sameCandidates = own?.candidates.join() === global.candidates.join();
  return { ...global, own: own && sameCandidates ? own.own : [] };
}

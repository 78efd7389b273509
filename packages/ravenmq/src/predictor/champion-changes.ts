/** The champion follows what people chose, and what it becomes by itself is written down. */
import type { Client } from '../db/connect.ts';
import { readChoice } from '../models/choice.ts';
import { latestWeights } from '../models/versions.ts';
import type { Memory } from './memory.ts';

/** Layer 1, which predicts when learning is off. */
const plain = 'shrunk-mean';

/** Series whose estimates are made anew in one step. */
const atATime = 200;

/** Applies the choice when it is another than the memory's. */
export async function followChoice(client: Client, memory: Memory): Promise<void> {
  const choice = await readChoice(client);
  if (choice.changed_at === memory.choiceAt) return;
  // A fresh memory has the last weights already, and what is published was published under this choice.
  const fresh = memory.choiceAt === undefined;
  for (const net of memory.nets) {
    const version = choice.candidate === net.name ? choice.version : null;
    if (fresh && version === null) continue;
    const weights = await latestWeights(client, net.name, version);
    if (weights?.length === net.weights.length) net.take(weights);
  }
  memory.champion.fix(choice.mode === 'auto' ? undefined : (choice.candidate ?? plain));
  memory.champions = memory.champion.championsOf();
  if (!fresh) memory.stale = [...memory.latest.keys()];
  memory.choiceAt = choice.changed_at;
}

/** Writes down when another candidate has become champion of all organizations together. */
export async function notePromotions(client: Client, memory: Memory): Promise<void> {
  const now = memory.champion.championsOf();
  const before = memory.champions;
  memory.champions = now;
  if (before.misorder === now.misorder && before.logError === now.logError) return;
  memory.stale = [...memory.latest.keys()];
  const scores = memory.champion.scores();
  for (const question of ['misorder', 'logError'] as const) {
    if (before[question] === now[question]) continue;
    await client.query(
      `insert into predictor_event (kind, question, candidate, before, metrics)
       values ('promoted', $1, $2, $3, $4)`,
      [
        question,
        now[question],
        before[question],
        JSON.stringify({
          [now[question]]: scores[now[question]]?.[question],
          [before[question]]: scores[before[question]]?.[question],
        }),
      ],
    );
  }
}

/** The next series whose estimates are another champion's. */
export const nextStale = (memory: Memory): string[] => memory.stale.splice(0, atATime);

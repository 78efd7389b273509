/** The leader's look at the backlogs: how far the order stretches, and what it promises to every job. */
import type { Pool } from '../db/connect.ts';
import {
  type QueueBacklog,
  type Reckoned,
  readBacklogs,
  stretchArrivals,
  writeBacklogs,
} from '../jobs/backlog.ts';
import { fifoOf, withArrivals } from '../order/backlog-waits.ts';
import { promisedWaitMs } from '../order/guard.ts';
import { afterSubmissions, stretchOf } from '../order/stretch.ts';
import type { Guard } from '../workers/leader.ts';

/** A look reads every waiting job: after one at so many thousand, that many times as long nobody looks. */
const pausePerThousandMs = 33;

/** Steps of one leader: each goes on where the one before ended. */
export function followBacklogs(pool: Pool, guard: Guard): () => Promise<undefined> {
  let since: string | null = null;
  let dueAt = 0;
  return async () => {
    if (performance.now() < dueAt) return undefined;
    const { until, queues } = await readBacklogs(pool, since);
    const reckoned = queues.map(reckon);
    await writeBacklogs(pool, guard, reckoned);
    const grown = reckoned.filter(({ stretch }, n) => stretch > (queues[n] as QueueBacklog).stretch);
    if (since !== null && grown.length > 0)
      await stretchArrivals(
        pool,
        guard,
        since,
        grown.map(({ queue }) => queue),
      );
    since = until;
    const waiting = queues.reduce((sum, queue) => sum + queue.waiting, 0);
    dueAt = performance.now() + (waiting / 1_000) * pausePerThousandMs;
    return undefined;
  };
}

export function reckon(seen: QueueBacklog): Reckoned {
  const slots = Math.max(1, seen.slots);
  const backlog = afterSubmissions(seen.backlog, { ...seen, slots });
  const waits = withArrivals(seen.waits, { count: seen.count, ms: seen.waitingMs / slots });
  return {
    queue: seen.queue,
    backlog,
    waits,
    stretch: stretchOf(backlog),
    guardMs: guardMsOf(seen, waits),
  };
}

/** Where people promised nothing, only the adaptive order does: `shortest` and `priority` are taken at their word. */
function guardMsOf({ policy, promiseMs }: QueueBacklog, waits: Reckoned['waits']): number | null {
  if (policy === 'fifo') return null;
  if (promiseMs !== null) return promiseMs;
  return policy === 'adaptive' ? Math.round(promisedWaitMs(fifoOf(waits))) : null;
}

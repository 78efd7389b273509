/** The leader answers what-if questions, one at a time, in a thread. */
import type { Pool } from '../db/connect.ts';
import { readHistory } from '../simulator/from-history.ts';
import { answerInThread } from '../whatif/in-thread.ts';
import { windows } from '../whatif/question.ts';
import { type Ending, ended, progressed, type TakenUp, takeUp } from '../whatif/store.ts';
import type { Guard } from '../workers/leader.ts';

/** Latest jobs that are replayed at most. */
const limit = 20_000;
const tellEveryMs = 300;
const cancelled = 'cancelled';

export async function answerWhatifs(
  pool: Pool,
  guard: Guard,
  signal: AbortSignal,
): Promise<'again' | undefined> {
  const task = await takeUp(pool, guard);
  if (!task) return undefined;
  const ending = await work(pool, guard, task, signal);
  if (ending) await ended(pool, guard, task.id, ending);
  return 'again';
}

/** Undefined when this process stops: another takes it up. */
async function work(
  pool: Pool,
  guard: Guard,
  task: TakenUp,
  signal: AbortSignal,
): Promise<Ending | undefined> {
  const { asked } = task;
  const stop = new AbortController();
  let share = 0;
  const telling = setInterval(() => {
    progressed(pool, guard, task.id, share)
      .then((on) => on || stop.abort(cancelled))
      .catch(() => {});
  }, tellEveryMs);
  try {
    const rows = await readHistory(pool, {
      days: windows[asked.window] / 86_400,
      limit,
      queue: asked.queue,
      tenants: task.everything ? undefined : [task.tenant_id],
    });
    if (rows.length < 2)
      return {
        status: 'failed',
        error: `No two jobs succeeded in the last ${asked.window}: there is nothing to replay.`,
      };
    const note = (at: number) => {
      share = at;
    };
    const result = await answerInThread(asked, rows, note, AbortSignal.any([signal, stop.signal]));
    return { status: 'done', result };
  } catch (error) {
    if (stop.signal.aborted) return { status: cancelled };
    if (signal.aborted) return undefined;
    return { status: 'failed', error: (error as Error).message };
  } finally {
    clearInterval(telling);
  }
}

/**
 * Wake-ups: after a commit, at most one NOTIFY per 3 ms and process, on a connection of the pool and never inside
 * the submitting transaction (a NOTIFY there serialises all commits of the database). The first goes at once. It says
 * from which rank on there is something new, when that is known, so that workers need not look from the beginning. A
 * lost wake-up costs latency, never a job: workers also poll.
 */
import type { Logger } from '../log.ts';
import type { Pool } from './connect.ts';

const pauseMs = 3;

export interface WakeUps {
  /** Ready jobs may have arrived, none with a smaller rank than `firstRank`. */
  send(firstRank?: number): void;
  stop(): Promise<void>;
}

export const noWakeUps: WakeUps = { send() {}, async stop() {} };

/** The NOTIFY channel of a schema, as the SQL function wake_up_channel names it. */
export function wakeUpChannel(schema: string): string {
  return schema === 'ravenmq' ? 'new_job' : `${schema}.new_job`;
}

/** What a wake-up said: the smallest new rank, undefined when it is not known. */
export function firstRankOf(payload: string): number | undefined {
  return /^-?\d+$/.test(payload) ? Number(payload) : undefined;
}

/** The channel that tells workers to look for cancel requests now. */
export function cancelChannel(schema: string): string {
  return schema === 'ravenmq' ? 'cancel_job' : `${schema}.cancel_job`;
}

export function createWakeUps(pool: Pool, channel: string, log: Logger): WakeUps {
  /** Smallest rank that nobody was told of. */
  let due: number | undefined;
  let sending: Promise<void> | undefined;

  async function sendWhileDue(): Promise<void> {
    while (due !== undefined) {
      const payload = due === Number.NEGATIVE_INFINITY ? '' : String(due);
      due = undefined;
      try {
        await pool.query({ name: 'wake_up', text: 'select pg_notify($1, $2)', values: [channel, payload] });
      } catch (error) {
        log.warn({ event: 'wake_up_failed', err: error });
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    sending = undefined;
  }

  return {
    send(firstRank = Number.NEGATIVE_INFINITY) {
      due = Math.min(due ?? firstRank, firstRank);
      sending ??= sendWhileDue();
    },
    async stop() {
      await sending;
    },
  };
}

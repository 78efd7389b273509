import type { Pool } from '../db/connect.ts';
import { openGates } from '../jobs/limits.ts';
import type { Logger } from '../log.ts';

export interface GateOpener {
  /** Slots of limits came free. */
  open(): void;
  settled(): Promise<void>;
}

/**
 * Opens gates beside the exchange, which has other work meanwhile, one call at a time. `onReady` hears the smallest
 * rank that may run now. When a call fails, the leader's next look opens what it would have.
 */
export function createGateOpener(pool: Pool, log: Logger, onReady: (firstRank: number) => void): GateOpener {
  let due = false;
  let opening: Promise<void> | undefined;

  async function openWhileDue(): Promise<void> {
    while (due) {
      due = false;
      try {
        const { firstRank } = await openGates(pool);
        if (firstRank !== null) onReady(firstRank);
      } catch (error) {
        log.warn({ event: 'gates_not_opened', err: error });
      }
    }
    opening = undefined;
  }

  return {
    open() {
      due = true;
      opening ??= openWhileDue();
    },
    settled: async () => opening,
  };
}

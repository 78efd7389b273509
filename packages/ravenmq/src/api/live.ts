/**
 * The present moment for pages that stay open: one reading per process and scope, shared by everyone who watches,
 * once a second while it is cheap. A reading that takes longer is made rarer, so that watching never costs more than
 * a twentieth of one connection's time.
 */
import type { Pool } from '../db/connect.ts';
import { inScope, type Scope } from '../db/scope.ts';
import { type LiveJobs, readLiveJobs } from '../jobs/live.ts';
import type { Logger } from '../log.ts';
import { readLeader } from '../workers/leader.ts';
import { countSlots } from '../workers/registry.ts';

export interface Snapshot extends LiveJobs {
  at: string;
  workers: number;
  slots: number;
  leader: 'active' | 'stale' | null;
}

export interface Live {
  read(scope: Scope): Promise<Snapshot>;
  /** Calls `tell` with the present snapshot and then with each that differs. Answers how to stop that. */
  watch(scope: Scope, tell: (snapshot: Snapshot) => void): () => void;
}

const everyMs = 1_000;
const restPerWork = 20;

interface Channel {
  watchers: Set<(snapshot: Snapshot) => void>;
  last: Snapshot | undefined;
}

export function createLive({ pool, schema, log }: { pool: Pool; schema: string; log: Logger }): Live {
  const channels = new Map<string, Channel>();

  async function read(scope: Scope): Promise<Snapshot> {
    const jobs = await inScope(pool, schema, scope, (client) =>
      readLiveJobs(client, scope.all ? null : scope.tenants),
    );
    const [slots, leader] = await Promise.all([countSlots(pool), readLeader(pool)]);
    return { at: new Date().toISOString(), ...jobs, ...slots, leader: leader?.status ?? null };
  }

  async function keepReading(scope: Scope, key: string, channel: Channel): Promise<void> {
    while (channel.watchers.size > 0) {
      const begun = performance.now();
      try {
        const snapshot = await read(scope);
        if (!channel.last || differs(channel.last, snapshot)) {
          channel.last = snapshot;
          for (const tell of channel.watchers) tell(snapshot);
        }
      } catch (error) {
        log.warn({ event: 'live_reading_failed', err: error });
      }
      const took = performance.now() - begun;
      await new Promise((resolve) => setTimeout(resolve, Math.max(everyMs, took * restPerWork)).unref());
    }
    if (channels.get(key) === channel) channels.delete(key);
  }

  return {
    read,
    watch(scope, tell) {
      const key = scope.all ? '*' : scope.tenants.join();
      let channel = channels.get(key);
      if (channel) {
        channel.watchers.add(tell);
        if (channel.last) tell(channel.last);
      } else {
        channel = { watchers: new Set([tell]), last: undefined };
        channels.set(key, channel);
        void keepReading(scope, key, channel);
      }
      return () => channel.watchers.delete(tell);
    },
  };
}

const differs = ({ at: _, ...one }: Snapshot, { at: __, ...other }: Snapshot) =>
  JSON.stringify(one) !== JSON.stringify(other);

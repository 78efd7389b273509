import { type Pool, transaction } from '../db/connect.ts';
import { followLogs, type LogRow } from '../jobs/follow-logs.ts';
import { learn, type Stat } from './running-stats.ts';
import {
  estimateOf,
  forgetOldSeries,
  keyOf,
  type Level,
  levelsOf,
  loadStats,
  publish,
  type Stats,
  saveStats,
} from './series.ts';

/** Runs learned in one transaction at most. */
export const batch = 2_000;

const counterOf = {
  failed: 'failed',
  timed_out: 'timedOut',
  cancelled: 'cancelled',
  crashed: 'crashed',
} as const satisfies Record<string, keyof Stat>;

/**
 * Learns from the next runs that ended and publishes the estimates they change. Position, statistics and estimates
 * are committed together, so every run counts once, whatever dies; of several predictors one learns at a time.
 * Answers how many runs there were.
 */
export async function learnFromLogs(pool: Pool): Promise<number> {
  return transaction(pool, async (client) => {
    const logs = await followLogs(client, 'predictor', batch);
    if (logs.length === 0) return 0;
    const stats = await loadStats(client, logs.flatMap(levelsOfLog));
    const grown = tenantsWithNewLevels(stats);
    for (const log of logs) learnRun(stats, log);
    await saveStats(client, stats);
    await publish(
      client,
      [...stats.values()]
        .filter(({ stat }) => stat.samples > 0)
        .map(({ level, stat }) => ({
          level,
          samples: stat.samples,
          estimate: estimateOf(stats, levelsFrom(level)),
        })),
    );
    if (grown.length > 0) await forgetOldSeries(client, grown);
    return logs.length;
  });
}

const levelsOfLog = (log: LogRow): Level[] => levelsOf(log.tenant_id, log.type, log.name);

/** The tenants whose rows will be more after this batch. */
function tenantsWithNewLevels(stats: Stats): string[] {
  const fresh = [...stats.values()].filter(({ isNew }) => isNew);
  return [...new Set(fresh.map(({ level }) => level.tenantId))];
}

/** A level and those above it: a touched level's parents were touched too. */
function levelsFrom(level: Level): Level[] {
  const all = levelsOf(level.tenantId, level.type, level.name);
  return all.slice(all.findIndex((entry) => keyOf(entry) === keyOf(level)));
}

function learnRun(stats: Stats, log: LogRow): void {
  for (const level of levelsOfLog(log)) {
    const entry = stats.get(keyOf(level));
    if (!entry) continue;
    if (log.outcome === 'done') entry.stat = learn(entry.stat, log.runtime_ms);
    else {
      const counter = counterOf[log.outcome];
      entry.stat = { ...entry.stat, [counter]: entry.stat[counter] + 1 };
    }
  }
}

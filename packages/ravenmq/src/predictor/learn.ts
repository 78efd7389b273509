import { type Pool, transaction } from '../db/connect.ts';
import { followLogs, type LogRow } from '../jobs/follow-logs.ts';
import { learn } from './running-stats.ts';
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

const batch = 2_000;

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
    await forgetOldSeries(client, [...new Set(logs.map((log) => log.tenant_id))]);
    return logs.length;
  });
}

const levelsOfLog = (log: LogRow): Level[] => levelsOf(log.tenant_id, log.type, log.name);

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
    else entry.stat = { ...entry.stat, unsuccessful: entry.stat.unsuccessful + 1 };
  }
}

import { type Client, type Pool, transaction } from '../db/connect.ts';
import { type LogRow, lockPosition, type Position, readOn } from '../jobs/follow-logs.ts';
import type { Run } from './candidate.ts';
import { followChoice, nextStale, notePromotions } from './champion-changes.ts';
import { inSlices } from './in-slices.ts';
import { type Memory, note, recall, seriesKey } from './memory.ts';
import { estimateLike, forgetOldVariants, type Published, publish } from './publish.ts';
import { count, learn } from './running-stats.ts';
import { runOf } from './runs.ts';
import {
  estimateOf,
  forgetOldSeries,
  keyOf,
  type Level,
  levelsOf,
  loadStats,
  type Stats,
  saveStats,
} from './series.ts';

/** Runs learned in one transaction at most. */
export const batch = 2_000;
/**
 * Of a batch the candidates are shown so many at most, spread over it, fewer when the next batch waits already: they
 * cost more than the statistics.
 */
const shown = { usually: 400, late: 100 };
/** How often the judgements of single organizations are stored, in milliseconds. */
const ownJudgementsEveryMs = 10_000;

/** What a predictor remembers from one batch to the next; the memory may be lost at any time. */
export interface Remembered {
  readonly predictorId: string;
  memory?: Memory | undefined;
  ownStoredAt?: number;
}

/**
 * Learns from the next runs that ended and publishes the estimates they change. Position, statistics, estimates and
 * judgements are committed together, so every run counts once, whatever dies; of several predictors one learns at a
 * time. Answers how many runs there were.
 */
export async function learnFromLogs(
  pool: Pool,
  remembered: Remembered = { predictorId: 'alone' },
): Promise<number> {
  try {
    return await transaction(pool, async (client) => {
      const position = await lockPosition(client, 'predictor');
      if (!position || !(await leads(client, remembered))) return 0;
      const logs = await readOn(client, 'predictor', position, batch);
      const memory = await memoryAt(pool, remembered, position);
      await followChoice(client, memory);
      if (logs.length > 0) {
        await learnBatch(client, memory, logs);
        const last = logs.at(-1) as LogRow;
        memory.position = { xid: last.xid, jobId: last.job_id };
        await notePromotions(client, memory);
        await storeJudgements(client, memory, remembered);
      }
      await publishStale(client, memory);
      return logs.length;
    });
  } catch (error) {
    // What it learned did not happen.
    remembered.memory = undefined;
    throw error;
  }
}

/** One predictor goes on while it lives: taking turns, each would have to recall what the other learned. */
async function leads(client: Client, { predictorId }: Remembered): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean | null; late: boolean; over: boolean }>(
    `select leader = $1 as mine, leads_until < clock_timestamp() + interval '3 s' as late,
       leads_until < clock_timestamp() as over from predictor_memory`,
    [predictorId],
  );
  const { mine, late, over } = rows[0] as (typeof rows)[number];
  if (!mine && !over) return false;
  if (late)
    await client.query(
      `update predictor_memory set leader = $1, leads_until = clock_timestamp() + interval '5 s'`,
      [predictorId],
    );
  return true;
}

async function memoryAt(pool: Pool, remembered: Remembered, position: Position): Promise<Memory> {
  const { memory } = remembered;
  if (memory?.position.xid === position.xid && memory.position.jobId === position.jobId) return memory;
  remembered.memory = await recall(pool, position);
  return remembered.memory;
}

async function learnBatch(client: Client, memory: Memory, logs: LogRow[]): Promise<void> {
  const stats = await loadStats(client, logs.flatMap(levelsOfLog));
  const grown = tenantsWithNewLevels(stats);
  for (const log of logs) learnRun(stats, log);
  const stride = Math.ceil(logs.length / (logs.length < batch ? shown.usually : shown.late));
  const runs = logs.filter((_, n) => n % stride === 0).map(runOf);
  await inSlices(runs, (run) => {
    memory.champion.learn(run, memory.history);
    note(memory, run);
  });
  await saveStats(client, stats);
  const estimates = estimatesOf(stats, memory, runs);
  await publish(client, estimates);
  await forgetOldVariants(client, estimates);
  if (grown.length > 0) await forgetOldSeries(client, grown);
}

const levelsOfLog = (log: LogRow): Level[] => levelsOf(log.tenant_id, log.type, log.name);

/** The tenants whose rows will be more after this batch. */
function tenantsWithNewLevels(stats: Stats): string[] {
  const fresh = [...stats.values()].filter(({ isNew }) => isNew);
  return [...new Set(fresh.map(({ level }) => level.tenantId))];
}

/** The series by the champion, types by their statistics; and the variants that ran. */
function estimatesOf(stats: Stats, memory: Memory, runs: Run[]): Published[] {
  const published: Published[] = [];
  const lastRuns = new Map<string, Run>();
  for (const run of runs) {
    if (run.outcome === 'done') lastRuns.set(seriesKey({ ...run, variant: '' }), run);
  }
  for (const { level, stat } of stats.values()) {
    if (stat.samples === 0) continue;
    const run = lastRuns.get(JSON.stringify([level.tenantId, level.type, level.name, '']));
    const estimate = estimateOf(stats, levelsFrom(level));
    published.push({
      ...{ level, variant: '', samples: stat.samples, estimate },
      ...(run && estimateLike(memory, { ...run, variant: '' })),
    });
  }
  const variants = new Map(runs.flatMap((run) => (run.variant === '' ? [] : [[seriesKey(run), run]])));
  for (const run of variants.values()) {
    if (run.outcome !== 'done') continue;
    const level = { tenantId: run.tenant, type: run.type, name: run.name };
    published.push({ level, variant: run.variant, samples: 0, ...estimateLike(memory, run) });
  }
  return published;
}

/** Estimates of series that did not run lately, by the champion of now. */
async function publishStale(client: Client, memory: Memory): Promise<void> {
  const runs = nextStale(memory).flatMap((key) => memory.latest.get(key) ?? []);
  if (runs.length === 0) return;
  const levelOf = ({ tenant, type, name }: Run): Level => ({ tenantId: tenant, type, name });
  const stats = await loadStats(client, runs.map(levelOf));
  await publish(
    client,
    runs.map((run) => {
      const level = levelOf(run);
      const samples = run.variant === '' ? (stats.get(keyOf(level))?.stat.samples ?? 0) : 0;
      return { level, variant: run.variant, samples, ...estimateLike(memory, run) };
    }),
  );
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
    const { outcome } = log;
    entry.stat = outcome === 'done' ? learn(entry.stat, log.runtime_ms) : count(entry.stat, outcome);
  }
}

async function storeJudgements(client: Client, memory: Memory, remembered: Remembered): Promise<void> {
  const { candidates, global, own } = memory.champion.judgements();
  const now = performance.now();
  const ownDue = now - (remembered.ownStoredAt ?? Number.NEGATIVE_INFINITY) > ownJudgementsEveryMs;
  if (ownDue) remembered.ownStoredAt = now;
  await client.query(
    `update predictor_memory set judged_globally = $1, judged_by_tenant = coalesce($2, judged_by_tenant), report = $3,
       updated_at = now()`,
    [
      JSON.stringify({ candidates, global }),
      ownDue ? JSON.stringify({ candidates, own }) : null,
      JSON.stringify({
        champions: memory.champion.championsOf(),
        runs: global.scores.runs,
        candidates: memory.champion.scores(),
      }),
    ],
  );
}

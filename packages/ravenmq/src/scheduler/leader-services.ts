/** What the leader does, each a bounded step that may run twice without harm. */

import type { Pool } from '../db/connect.ts';
import type { WakeUps } from '../db/wake-ups.ts';
import type { MadeReady } from '../jobs/job.ts';
import { openGates, settleAbandoned } from '../jobs/limits.ts';
import { bringForwardOverdue } from '../jobs/overdue.ts';
import { promoteDueJobs } from '../jobs/promote.ts';
import { reclaimExpired } from '../jobs/reclaim.ts';
import { rerankQueues, rerankWaiting } from '../jobs/rerank.ts';
import { advanceClocks, foldCharges, tendLanes } from '../jobs/turns.ts';
import type { Logger } from '../log.ts';
import { createPlanner } from '../plan/refresh.ts';
import { fireDue, fireWaiting, forgetFires } from '../schedules/fire.ts';
import type { Step } from '../service.ts';
import type { Guard } from '../workers/leader.ts';
import { answerWhatifs } from './answer-whatifs.ts';
import { followBacklogs } from './backlogs.ts';
import { forgetExpired, forgetLateFinishers, keepPartitions } from './housekeeping.ts';
import { createAlarms } from './raise-alarms.ts';
import { foldOldMinutes, recordDepth, rollUpAttempts } from './rollup.ts';

const batch = 1_000;

export interface LeaderContext {
  pool: Pool;
  wakeUps: WakeUps;
  guard: Guard;
  retentionDays: number;
  log: Logger;
  onReclaim(jobs: number): void;
}

export function leaderSteps(context: LeaderContext): Step[] {
  const { pool, wakeUps, guard, retentionDays, log, onReclaim } = context;
  const wakeAfter = ({ count, firstRank }: MadeReady): 'again' | undefined => {
    if (firstRank !== null) wakeUps.send(firstRank);
    return count >= batch ? 'again' : undefined;
  };
  const planner = createPlanner(pool, guard);
  return [
    {
      name: 'promote due jobs',
      everyMs: 100,
      run: async () => wakeAfter(await promoteDueJobs(pool, guard, batch)),
    },
    {
      name: 'fire schedules',
      everyMs: 200,
      async run() {
        const due = await fireDue(pool, guard);
        const waiting = await fireWaiting(pool, guard);
        for (const { firstRank } of [due, waiting]) if (firstRank !== null) wakeUps.send(firstRank);
        return due.count > 0 ? 'again' : undefined;
      },
    },
    {
      name: 'reclaim expired leases',
      everyMs: 500,
      async run() {
        const back = await reclaimExpired(pool, guard, batch);
        if (back.count > 0) onReclaim(back.count);
        return wakeAfter(back);
      },
    },
    { name: 'open gates', everyMs: 200, run: async () => wakeAfter(await openGates(pool, guard)) },
    {
      name: 'abandoned limits',
      everyMs: 2_000,
      async run() {
        await settleAbandoned(pool, guard);
        return undefined;
      },
    },
    {
      name: 'turns',
      everyMs: 200,
      run: async () => {
        await foldCharges(pool, guard);
        await advanceClocks(pool, guard);
        return undefined;
      },
    },
    {
      name: 'lanes',
      everyMs: 200,
      // While a snapshot pins dead rows it walks over all of them.
      share: 0.05,
      run: async () => {
        await tendLanes(pool, guard);
        return undefined;
      },
    },
    {
      name: 'ranks follow estimates',
      everyMs: 200,
      // A long backlog is walked in batches, and ordinary work goes on beside it.
      share: 0.2,
      async run() {
        wakeAfter(await rerankWaiting(pool, guard, batch));
        return undefined;
      },
    },
    {
      name: 'plan',
      everyMs: 1_000,
      // Of its time, also while the database is slow; of a processor it takes less.
      share: 0.5,
      async run() {
        await planner.refresh();
        return undefined;
      },
    },
    { name: 'alarms', everyMs: 5_000, share: 0.01, run: createAlarms(pool, log) },
    { name: 'what-if', everyMs: 500, run: (signal) => answerWhatifs(pool, guard, signal) },
    {
      name: 'ranks follow policies',
      everyMs: 200,
      share: 0.3,
      async run() {
        const { looked, firstRank } = await rerankQueues(pool, guard, batch);
        if (firstRank !== null) wakeUps.send(firstRank);
        return looked >= batch ? 'again' : undefined;
      },
    },
    {
      name: 'guard',
      everyMs: 200,
      share: 0.05,
      async run() {
        wakeAfter(await bringForwardOverdue(pool, guard, batch));
        return undefined;
      },
    },
    { name: 'backlogs', everyMs: 250, run: followBacklogs(pool, guard) },
    { name: 'roll up attempts', everyMs: 500, run: () => rollUpAttempts(pool, guard) },
    { name: 'queue depth', everyMs: 5_000, run: () => recordDepth(pool, guard) },
    { name: 'fold old minutes', everyMs: 600_000, run: () => foldOldMinutes(pool, guard) },
    { name: 'partitions', everyMs: 3_600_000, run: () => keepPartitions(pool, guard, retentionDays) },
    {
      name: 'forget late finishers',
      everyMs: 600_000,
      run: () => forgetLateFinishers(pool, guard, retentionDays),
    },
    { name: 'forget', everyMs: 60_000, run: () => forgetExpired(pool, guard) },
    {
      name: 'forget fires',
      everyMs: 3_600_000,
      async run() {
        await forgetFires(pool, guard);
        return undefined;
      },
    },
  ];
}

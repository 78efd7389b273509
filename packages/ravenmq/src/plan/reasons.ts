/**
 * Why a job does not run: the first line of the table that is true. The list is closed; a new cause is a new line, and
 * a fact that somebody finds out.
 */

export const reasonCodes = [
  'SCHEDULER_NOT_RUNNING',
  'RETRY_BACKOFF',
  'SCHEDULED_FOR',
  'DEPENDENCY',
  'QUEUE_PAUSED',
  'TENANT_PAUSED',
  'NO_MATCHING_WORKER',
  'QUEUE_CONCURRENCY',
  'TENANT_CONCURRENCY',
  'KEY_CONCURRENCY',
  'RATE_LIMIT',
  'LOWER_SCORE',
  'WAITING_FOR_WORKER',
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Facts {
  /** It becomes ready later; `due`: that time has come, and only a leader can make it ready. */
  scheduled: boolean;
  due: boolean;
  leaderLives: boolean;
  retryCount: number;
  queuePaused: boolean;
  tenantPaused: boolean;
  /** A living worker runs its type in its queue. */
  workerServes: boolean;
  /** The limit that keeps it behind its gate: q:.., t:.., k:.. or r:.. for a rate; null: it has none before it. */
  scope: string | null;
  /** Jobs that start before it are more than there are free slots. */
  othersFirst: boolean;
  dependsOnOthers?: boolean;
}

const isTrue: Record<ReasonCode, (facts: Facts) => boolean> = {
  SCHEDULER_NOT_RUNNING: ({ scheduled, due, leaderLives }) => scheduled && due && !leaderLives,
  RETRY_BACKOFF: ({ scheduled, retryCount }) => scheduled && retryCount > 0,
  SCHEDULED_FOR: ({ scheduled }) => scheduled,
  DEPENDENCY: ({ dependsOnOthers = false }) => dependsOnOthers,
  QUEUE_PAUSED: ({ queuePaused }) => queuePaused,
  TENANT_PAUSED: ({ tenantPaused }) => tenantPaused,
  NO_MATCHING_WORKER: ({ workerServes }) => !workerServes,
  QUEUE_CONCURRENCY: ({ scope }) => scope?.startsWith('q:') ?? false,
  TENANT_CONCURRENCY: ({ scope }) => scope?.startsWith('t:') ?? false,
  KEY_CONCURRENCY: ({ scope }) => scope?.startsWith('k:') ?? false,
  RATE_LIMIT: ({ scope }) => scope?.startsWith('r:') ?? false,
  LOWER_SCORE: ({ othersFirst }) => othersFirst,
  WAITING_FOR_WORKER: () => true,
};

export function reasonOf(facts: Facts): ReasonCode {
  return reasonCodes.find((code) => isTrue[code](facts)) as ReasonCode;
}

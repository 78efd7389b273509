import { type Evidence, type JobFact, noDeeds, nothingLost } from './evidence.ts';

export const healedAt = 10_000;

/** Three jobs: one plain, one retried once, one limited; two terms; nothing wrong. */
export function sound(): Evidence {
  const job = (n: number, more: Partial<JobFact> = {}): JobFact => ({
    id: `job-${n}`,
    key: `key-${n}`,
    tenant: 'org-1',
    status: 'done',
    fence: 1,
    retryCount: 0,
    maxRetries: 3,
    crashCount: 0,
    concurrencyKey: null,
    resultFence: 1,
    ...more,
  });
  const submission = (n: number, kind: Evidence['submissions'][number]['kind']) => ({
    key: `key-${n}`,
    org: 'org-1',
    kind,
    route: 'api' as const,
    invokedAt: 1,
    ackedAt: 2,
    tries: 1,
    outcome: 'ok' as const,
    ids: [`job-${n}`],
  });
  const run = (n: number, fence: number, to: string, at: number) => [
    { job: `job-${n}`, from: 'queued', to: 'running', fence, at },
    { job: `job-${n}`, from: to === 'done' ? null : 'running', to, fence, at: at + 10 },
  ];
  const start = (n: number, fence: number, attempt = 1) => ({
    event: 'start' as const,
    job: `job-${n}`,
    tenant: 'org-1',
    fence,
    attempt,
  });
  const created = (n: number) => ({ job: `job-${n}`, from: null, to: 'queued', fence: 0, at: n });
  return {
    submissions: [submission(1, 'plain'), submission(2, 'retried'), submission(3, 'limited')],
    cancels: [],
    jobs: [job(1), job(2, { fence: 2, resultFence: 2, retryCount: 1 }), job(3, { concurrencyKey: 'k' })],
    logs: [
      { job: 'job-1', fence: 1, outcome: 'done', final: true },
      { job: 'job-2', fence: 1, outcome: 'failed', final: false },
      { job: 'job-2', fence: 2, outcome: 'done', final: true },
      { job: 'job-3', fence: 1, outcome: 'done', final: true },
    ],
    events: [
      ...[1, 2, 3].map(created),
      ...run(1, 1, 'done', 100),
      ...run(2, 1, 'scheduled', 100),
      { job: 'job-2', from: 'scheduled', to: 'queued', fence: 1, at: 120 },
      ...run(2, 2, 'done', 200),
      ...run(3, 1, 'done', 100),
    ],
    reports: [start(1, 1), start(2, 1), start(2, 2, 2), start(3, 1)],
    effects: [
      { job: 'job-1', fence: 1 },
      { job: 'job-2', fence: 2 },
      { job: 'job-3', fence: 1 },
    ],
    fenced: [
      { job: 'job-1', fence: 1 },
      { job: 'job-2', fence: 2 },
      { job: 'job-3', fence: 1 },
    ],
    staleFinishes: 1,
    terms: [
      { term: 1, worker: 'a', electedAt: 0, lastSeen: 5_000 },
      { term: 2, worker: 'b', electedAt: 6_000, lastSeen: 20_000 },
    ],
    staleWrites: [],
    outages: [],
    exits: [{ name: 'worker-1', code: null, signal: 'SIGKILL', doomed: true, ready: true }],
    alarms: [],
    left: { processes: 0, connections: 0, locks: 0 },
    recoveries: [{ what: 'a start', ms: 100 }],
    stuck: 0,
    lost: nothingLost(),
    deeds: noDeeds(),
    slots: 4,
    stops: [500],
  };
}

export const first = <T>(list: T[]): T => list[0] as T;
export const second = <T>(list: T[]): T => list[1] as T;

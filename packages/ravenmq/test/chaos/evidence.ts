/** Everything a trial left behind that the checks look at. Times are milliseconds; plain data, so that tests can make it. */
import type { Child, Report } from './child.ts';
import type { CancelRequest, Submission } from './load.ts';
import type { Stack } from './stack.ts';

export interface JobFact {
  id: string;
  key: string | null;
  tenant: string;
  status: string;
  fence: number;
  retryCount: number;
  maxRetries: number;
  crashCount: number;
  concurrencyKey: string | null;
  /** The fence that the handler returned. */
  resultFence: number | null;
}

export interface LogFact {
  job: string;
  fence: number;
  outcome: string;
  final: boolean;
}

/** A change of a job's status, as the database saw it. `from` is null for a new job and for an end. */
export interface EventFact {
  job: string;
  from: string | null;
  to: string;
  fence: number;
  at: number;
}

export const isClaim = (event: EventFact): boolean => event.to === 'running';

export interface TermFact {
  term: number;
  worker: string;
  electedAt: number;
  lastSeen: number;
}

export interface Exit {
  name: string;
  code: number | null;
  signal: string | null;
  doomed: boolean;
  /** Whether it had come as far as to run. */
  ready: boolean;
}

/** What was done to the system. */
export interface Deeds {
  kills: number;
  pauses: number;
  cuts: number;
  resets: number;
  terminations: number;
  crashes: number;
  outages: number;
  rolls: number;
  swallowed: number;
  failovers: number;
}

export const noDeeds = (): Deeds => ({
  kills: 0,
  pauses: 0,
  cuts: 0,
  resets: 0,
  terminations: 0,
  crashes: 0,
  outages: 0,
  rolls: 0,
  swallowed: 0,
  failovers: 0,
});

/** What a primary that died had committed and the standby that took its place never saw. */
export interface Lost {
  jobs: { id: string; key: string | null }[];
  events: EventFact[];
  effects: { job: string; fence: number }[];
  /** Terms as the dead one knew them. */
  terms: TermFact[];
}

export const nothingLost = (): Lost => ({ jobs: [], events: [], effects: [], terms: [] });

export interface Evidence {
  submissions: Submission[];
  cancels: CancelRequest[];
  jobs: JobFact[];
  logs: LogFact[];
  /** In the order in which they happened to a job. */
  events: EventFact[];
  reports: Report[];
  effects: { job: string; fence: number }[];
  fenced: { job: string; fence: number }[];
  staleFinishes: number;
  terms: TermFact[];
  staleWrites: { by: string; what: string }[];
  /** Spans in which the database could not be reached, on the database's clock. */
  outages: { from: number; to: number }[];
  exits: Exit[];
  /** Log lines that no process should ever write. */
  alarms: string[];
  /** What was still there after everything had stopped. */
  left: { processes: number; connections: number; locks: number };
  /** How long probes took, from the heal to their start. */
  recoveries: { what: string; ms: number }[];
  /** Jobs that were running under a lease that had expired twice over. */
  stuck: number;
  /** Failovers to an asynchronous standby may take this away; empty in every other trial. */
  lost: Lost;
  deeds: Deeds;
  slots: number;
  /** How long stops took that were asked for. */
  stops: number[];
}

type Found = Pick<
  Evidence,
  'jobs' | 'logs' | 'events' | 'effects' | 'fenced' | 'terms' | 'staleWrites' | 'stuck'
>;

/** Reads what the database knows. */
export async function readDatabase({ server, schema }: Stack): Promise<Found> {
  const read = <R>(columns: string, rest: string) =>
    server.query<R & Record<string, unknown>>(`select ${columns} from ${schema}.${rest}`) as Promise<R[]>;
  const jobs = await read<JobFact>(
    `id, idempotency_key as key, tenant_id as tenant, status, fence::int, retry_count as "retryCount",
     max_retries as "maxRetries", crash_count as "crashCount", concurrency_key as "concurrencyKey",
     (result->>'fence')::int as "resultFence"`,
    // Jobs of other types belong to a fault that looks after them itself.
    `jobs where type = 'work'`,
  );
  const logs = await read<LogFact>('job_id as job, fence::int, outcome, final', 'execution_logs');
  const events = await read<EventFact>(
    'job_id as job, from_status as "from", to_status as "to", fence::int, at',
    'chaos_event order by seq',
  );
  const effects = await read<{ job: string; fence: number }>('job_id as job, fence::int', 'chaos_effect');
  const fenced = await read<{ job: string; fence: number }>('job_id as job, fence::int', 'chaos_fenced');
  const terms = await read<TermFact>(
    `term::int, worker_id as worker, extract(epoch from elected_at)::float8 * 1000 as "electedAt",
     extract(epoch from last_seen)::float8 * 1000 as "lastSeen"`,
    'chaos_term order by term',
  );
  const staleWrites = await read<{ by: string; what: string }>(
    'by_whom as by, what',
    'chaos_stale_write order by at',
  );
  const stuck = await read<{ n: number }>(
    'count(*)::int as n',
    `job_live where status = 'running' and lease_expires_at < clock_timestamp() - interval '3 seconds'`,
  );
  return { jobs, logs, events, effects, fenced, terms, staleWrites, stuck: stuck[0]?.n ?? 0 };
}

/** Reads what the processes said. */
export function readChildren(
  children: readonly Child[],
): Pick<Evidence, 'reports' | 'exits' | 'alarms' | 'staleFinishes'> {
  // What a process that was to die says about it is no alarm.
  const lines = children.flatMap(({ name, doomed, log }) => log.map((line) => ({ name, doomed, line })));
  return {
    reports: children.flatMap((child) => child.reports),
    exits: children.map(({ name, exit, doomed, log }) => ({
      name,
      code: exit?.code ?? null,
      signal: exit?.signal ?? null,
      doomed,
      ready: log.some((line) => /"(listening|worker_started|leader_elected|leader_stood_down)"/.test(line)),
    })),
    // Whatever is no line of the log was written by a crash.
    alarms: lines
      .filter(
        ({ line, doomed }) =>
          !doomed &&
          !line.startsWith('{') &&
          !/^\s*$|^ravenmq: |ExperimentalWarning|--trace-warnings/.test(line),
      )
      .map(({ name, line }) => `${name}: ${line}`),
    staleFinishes: lines
      .filter(({ line }) => line.includes('"stale_finish_refused"'))
      .reduce((sum, { line }) => sum + (JSON.parse(line).count as number), 0),
  };
}

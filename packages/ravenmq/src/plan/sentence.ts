/** The explanation in words: one plain sentence or two, from what the plan says. */
import type { JobRow } from '../jobs/job.ts';
import { type Range, spoken } from './range.ts';
import type { ReasonCode } from './reasons.ts';

export interface Reason {
  code: ReasonCode;
  text: string;
  detail: Record<string, string | number | null>;
}

export interface Ahead {
  position: number;
  own: boolean;
  job_id: string | null;
  name: string | null;
  type: string | null;
  start_by: string | null;
  /** By how much its start-by time is earlier, in milliseconds. */
  sooner_ms: number | null;
}

export interface Circumstances {
  job: Pick<JobRow, 'queue' | 'type' | 'run_at' | 'retry_count' | 'concurrency_key'>;
  nowMs: number;
  scope: string | null;
  limit: number | null;
  ahead: Ahead | null;
}

const limited = (who: string, { limit }: Circumstances) =>
  `Held back by: ${who} is at its limit of ${limit ?? '?'} running jobs.`;

const texts: Record<ReasonCode, (of: Circumstances) => string> = {
  SCHEDULER_NOT_RUNNING: () => 'Its time has come, but no scheduler leads: start one.',
  RETRY_BACKOFF: ({ job, nowMs }) =>
    `Attempt ${job.retry_count} failed; the next begins in ${until(job.run_at, nowMs)}.`,
  SCHEDULED_FOR: ({ job, nowMs }) => `It is to run at ${job.run_at}, in ${until(job.run_at, nowMs)}.`,
  DEPENDENCY: () => 'It waits for other jobs to end.',
  QUEUE_PAUSED: ({ job }) => `The queue ${job.queue} is paused.`,
  TENANT_PAUSED: () => 'The organization is paused.',
  NO_MATCHING_WORKER: ({ job }) => `No living worker runs jobs of type ${job.type} in queue ${job.queue}.`,
  QUEUE_CONCURRENCY: (of) => limited(`queue ${of.job.queue}`, of),
  TENANT_CONCURRENCY: (of) => limited('the organization', of),
  KEY_CONCURRENCY: (of) => limited(`the concurrency key ${of.job.concurrency_key}`, of),
  RATE_LIMIT: () => 'Held back by a limit on starts per time.',
  LOWER_SCORE: ({ ahead }) => {
    if (!ahead) return 'Other jobs go first.';
    if (!ahead.own) return 'Just ahead is a job of another organization, whose turn it is.';
    if (ahead.sooner_ms === null || ahead.sooner_ms < 1)
      return `“${ahead.name}” goes first: its turn comes earlier.`;
    return `“${ahead.name}” goes first: its start-by time is ${spoken(ahead.sooner_ms)} earlier.`;
  },
  WAITING_FOR_WORKER: () => 'It is next: the first slot that comes free takes it.',
};

const until = (time: string | null, nowMs: number) => spoken(time === null ? 0 : Date.parse(time) - nowMs);

export function reasonText(code: ReasonCode, of: Circumstances): Reason {
  const detail: Reason['detail'] = {};
  if (of.scope !== null) detail.limit = of.limit;
  if (code === 'SCHEDULED_FOR' || code === 'RETRY_BACKOFF') detail.run_at = of.job.run_at;
  if (code === 'RETRY_BACKOFF') detail.retry_count = of.job.retry_count;
  return { code, text: texts[code](of), detail };
}

/** Below this a plan cannot tell times apart, in milliseconds: it is made anew every second or two. */
const momentMs = 2_000;

/** "in 3 min 20 s (90 %: within 6 min)" */
function expected({ p50, p90 }: Range, nowMs: number): string {
  const [half, most] = [Date.parse(p50) - nowMs, Date.parse(p90) - nowMs];
  if (most < momentMs) return 'at any moment';
  return `${half < momentMs ? 'at any moment' : `in ${spoken(half)}`} (90 %: within ${spoken(most)})`;
}

export interface Story {
  job: JobRow;
  nowMs: number;
  position: number | null;
  waiting: number | null;
  start: Range | null;
  finish: Range | null;
  reason: Reason | null;
  runningLong: boolean;
}

export function sentenceOf({
  job,
  nowMs,
  position,
  waiting,
  start,
  finish,
  reason,
  runningLong,
}: Story): string {
  if (job.status === 'running') {
    const since = job.started_at === null ? 0 : nowMs - Date.parse(job.started_at);
    const end = finish ? ` Expected to end ${expected(finish, nowMs)}.` : '';
    const long = runningLong
      ? ` That is far longer than its predicted p90 of ${spoken(job.predicted_p90_ms)}.`
      : '';
    return `Running for ${spoken(since)} on ${job.worker_id}.${long}${end}`;
  }
  if (reason === null) return `It has ended: ${job.status}.`;
  const place =
    position === null ? '' : `Position ${position} of ${Math.max(position, waiting ?? position)}. `;
  const when = start
    ? `Expected to start ${expected(start, nowMs)}. `
    : position === null
      ? ''
      : 'It will not start as things are. ';
  return `${place}${when}${reason.text}`;
}

/**
 * One attempt, step by step: start the clock, run the handler, decide what its end means. Timeout, cancel, lost lease
 * and shutdown all reach the handler as one abort signal; the reason decides the outcome, not what the handler does
 * with it. A handler that ignores the signal is given up on after a while, so that it cannot hold a slot for ever.
 */

import { crashpoint } from '../crashpoint.ts';
import { NonRetryable, RetryAfter } from '../executors/outcome.ts';
import { backoffMs } from '../jobs/backoff.ts';
import type { Retry } from '../jobs/settle.ts';
import type { ClaimedJob, Finish } from '../jobs/turnover.ts';
import { type AttemptContext, type AttemptServices, RunningAttempt } from './attempt-context.ts';
import type { Stop, StopReason } from './stop.ts';

export interface Handler {
  (payload: Record<string, unknown>, context: AttemptContext): Promise<unknown> | unknown;
  /** Time it gets after its signal before the attempt counts as ended, in milliseconds; 5,000 by default. */
  patienceMs?: number | undefined;
}

export type Verdict =
  | { kind: 'finish'; finish: Finish }
  | { kind: 'retry'; retry: Retry }
  /** Finished in the handler's own transaction; the database is asked whether that was committed. */
  | { kind: 'completed'; finish: Finish }
  | { kind: 'release' }
  | { kind: 'lost' };

export const defaultPatienceMs = 5_000;
const longestResult = 256 * 1024;
const longestError = 10_000;

/** What the handler returned, as JSON, or what it threw. */
type Ended = { result: string | null } | { error: unknown };

/**
 * Runs the handler to its end. `startedAt` is database time. A handler that answers at once gets its verdict at once:
 * no promise, no timer, no signal is made for it.
 */
export function runAttempt(
  job: ClaimedJob,
  handler: Handler | undefined,
  stop: Stop,
  startedAt: string,
  services: AttemptServices,
): Verdict | Promise<Verdict> {
  const began = performance.now();
  // A clock has no more digits than microseconds to give.
  const runtimeMs = () => Math.round((performance.now() - began) * 1_000) / 1_000;
  const judged = (ended: Ended) => {
    crashpoint('handler ended');
    return judge(job, ended, stop.reason, startedAt, runtimeMs());
  };
  if (!handler) return judged({ error: new NonRetryable(`this worker has no handler for type ${job.type}`) });
  if (stop.reason) return unstarted(job, stop.reason);
  const context = new RunningAttempt(job, stop, services, (value) =>
    doneWith(job, value === undefined ? null : resultJson(value), startedAt, runtimeMs()),
  );
  const afterReports = (verdict: Verdict) =>
    context.reports ? context.recorded().then(() => verdict) : verdict;
  let value: unknown;
  crashpoint('handler started');
  try {
    value = handler(job.payload, context);
  } catch (error) {
    return afterReports(judged({ error }));
  }
  if (!isThenable(value)) return afterReports(judged(resultOrError(value)));
  const { patienceMs = defaultPatienceMs } = handler;
  return untilEnd(value, job.timeout_ms, stop, patienceMs).then((ended) =>
    // A handler that failed after it had completed did not commit, as far as is known: the database decides.
    afterReports(
      context.completed && 'result' in ended
        ? { kind: 'completed', finish: context.completed }
        : judged(ended),
    ),
  );
}

/** A job that had to stop while it lay in the buffer: it uses no attempt. */
function unstarted(job: ClaimedJob, reason: StopReason): Verdict {
  if (reason === 'lost') return { kind: 'lost' };
  if (reason !== 'cancel') return { kind: 'release' };
  const { id, fence } = job;
  const errorMsg = 'cancelled before it started';
  return {
    kind: 'finish',
    finish: { id, fence, outcome: 'cancelled', startedAt: null, runtimeMs: 0, errorMsg, result: null },
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** The handler's end, or its being given up on. */
function untilEnd(
  running: PromiseLike<unknown>,
  timeoutMs: number | null,
  stop: Stop,
  patienceMs: number,
): Promise<Ended> {
  return new Promise((resolve) => {
    let patience: NodeJS.Timeout | undefined;
    const timer = timeoutMs === null ? undefined : setTimeout(() => stop.abort('timeout'), timeoutMs);
    stop.onAbort(() => {
      const giveUp = () => resolve({ error: new Error('the handler ignored its abort signal') });
      patience = setTimeout(giveUp, patienceMs).unref();
    });
    const end = (ended: Ended) => {
      clearTimeout(timer);
      clearTimeout(patience);
      resolve(ended);
    };
    running.then(
      (value) => end(resultOrError(value)),
      (error) => end({ error }),
    );
  });
}

function resultOrError(value: unknown): Ended {
  try {
    return { result: value === undefined ? null : resultJson(value) };
  } catch (error) {
    return { error };
  }
}

function doneWith(job: ClaimedJob, result: string | null, startedAt: string, runtimeMs: number): Finish {
  return { id: job.id, fence: job.fence, outcome: 'done', startedAt, runtimeMs, errorMsg: null, result };
}

function judge(
  job: ClaimedJob,
  ended: Ended,
  reason: StopReason | undefined,
  startedAt: string,
  runtimeMs: number,
): Verdict {
  if (reason === 'lost') return { kind: 'lost' };
  const finish = (outcome: Finish['outcome'], errorMsg: string | null, result: string | null): Verdict => ({
    kind: 'finish',
    finish: { id: job.id, fence: job.fence, outcome, startedAt, runtimeMs, errorMsg, result },
  });
  if ('result' in ended) return { kind: 'finish', finish: doneWith(job, ended.result, startedAt, runtimeMs) };
  if (reason === 'shutdown') return { kind: 'release' };
  if (reason === 'cancel') return finish('cancelled', 'cancelled while it ran', null);

  const outcome = reason === 'timeout' ? 'timed_out' : 'failed';
  const errorMsg = reason === 'timeout' ? `timed out after ${job.timeout_ms} ms` : messageOf(ended.error);
  if (ended.error instanceof NonRetryable || job.retry_count >= job.max_retries) {
    return finish(outcome, errorMsg, resultOf(ended.error));
  }
  const delayMs = ended.error instanceof RetryAfter ? ended.error.delayMs : backoffMs(job.retry_count + 1);
  return {
    kind: 'retry',
    retry: { id: job.id, fence: job.fence, outcome, startedAt, runtimeMs, errorMsg, delayMs },
  };
}

function resultJson(value: unknown): string {
  let json: string;
  try {
    json = toJson(value);
  } catch (error) {
    throw new NonRetryable(`the result cannot be written as JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (json.length <= longestResult) return json;
  throw new NonRetryable(`the result has ${json.length} characters of JSON, ${longestResult} are allowed`);
}

/** An executor's error may carry what the attempt produced before it failed. */
function resultOf(error: unknown): string | null {
  const result = (error as { result?: unknown } | null)?.result;
  if (result === undefined) return null;
  const json = toJson(result);
  return json.length <= longestResult ? json : null;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return clean(message === '' ? 'failed without a message' : message).slice(0, longestError);
}

/** How JSON writes a NUL and a lone surrogate. */
const unstorable = /\\u(0000|d[89a-f])/i;

/** JSON that PostgreSQL stores: no NUL, no lone surrogates. */
function toJson(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  if (!unstorable.test(json)) return json;
  return JSON.stringify(value, (_, entry) => (typeof entry === 'string' ? clean(entry) : entry));
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

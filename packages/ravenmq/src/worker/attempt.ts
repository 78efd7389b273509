/**
 * One attempt, step by step: start the clock, run the handler, decide what its end means. Timeout, cancel, lost lease
 * and shutdown all reach the handler as one abort signal; the reason decides the outcome, not what the handler does
 * with it. A handler that ignores the signal is given up on after a while, so that it cannot hold a slot for ever.
 */

import { NonRetryable, RetryAfter } from '../executors/outcome.ts';
import { backoffMs } from '../jobs/backoff.ts';
import type { Retry } from '../jobs/settle.ts';
import type { ClaimedJob, Finish } from '../jobs/turnover.ts';

export type StopReason = 'timeout' | 'cancel' | 'lost' | 'shutdown';

export interface AttemptContext {
  jobId: string;
  tenantId: string;
  type: string;
  name: string;
  /** 1 at the first start. */
  attempt: number;
  /** Grows with every claim of the job: hand it to systems that refuse writes of an older one. */
  fence: number;
  signal: AbortSignal;
}

export type Handler = (
  payload: Record<string, unknown>,
  context: AttemptContext,
) => Promise<unknown> | unknown;

export type Verdict =
  | { kind: 'finish'; finish: Finish }
  | { kind: 'retry'; retry: Retry }
  | { kind: 'release' }
  | { kind: 'lost' };

/** Time a handler gets after its signal before the attempt counts as ended, in milliseconds. */
const abandonAfterMs = 5_000;
const longestResult = 256 * 1024;
const longestError = 10_000;

/** What the handler returned, as JSON, or what it threw. */
type Ended = { result: string } | { error: unknown };

/** Runs the handler to its end. `stop` aborts with a StopReason as reason; `startedAt` is database time. */
export async function runAttempt(
  job: ClaimedJob,
  handler: Handler | undefined,
  stop: AbortController,
  startedAt: string,
): Promise<Verdict> {
  const began = performance.now();
  const timer = job.timeout_ms === null ? undefined : setTimeout(() => stop.abort('timeout'), job.timeout_ms);
  const ended = await Promise.race([
    runHandler(job, handler, stop.signal),
    givenUp(stop.signal, abandonAfterMs),
  ]);
  clearTimeout(timer);
  const runtimeMs = performance.now() - began;
  return judge(job, ended, stop.signal, startedAt, runtimeMs);
}

async function runHandler(
  job: ClaimedJob,
  handler: Handler | undefined,
  signal: AbortSignal,
): Promise<Ended> {
  if (!handler) return { error: new NonRetryable(`this worker has no handler for type ${job.type}`) };
  try {
    const { id, tenant_id, type, name, fence } = job;
    const context = {
      jobId: id,
      tenantId: tenant_id,
      type,
      name,
      fence,
      attempt: job.retry_count + 1,
      signal,
    };
    return { result: resultJson(await handler(job.payload, context)) };
  } catch (error) {
    return { error };
  }
}

function givenUp(signal: AbortSignal, afterMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    const start = () =>
      setTimeout(
        () => resolve({ error: new Error('the handler ignored its abort signal') }),
        afterMs,
      ).unref();
    if (signal.aborted) start();
    else signal.addEventListener('abort', start, { once: true });
  });
}

function judge(
  job: ClaimedJob,
  ended: Ended,
  signal: AbortSignal,
  startedAt: string,
  runtimeMs: number,
): Verdict {
  const reason = signal.aborted ? (signal.reason as StopReason) : undefined;
  if (reason === 'lost') return { kind: 'lost' };
  const finish = (outcome: Finish['outcome'], errorMsg: string | null, result: string | null): Verdict => ({
    kind: 'finish',
    finish: { id: job.id, fence: job.fence, outcome, startedAt, runtimeMs, errorMsg, result },
  });
  if ('result' in ended) return finish('done', null, ended.result);
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

/** JSON that PostgreSQL stores: no NUL, no lone surrogates. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, entry) => (typeof entry === 'string' ? clean(entry) : entry)) ?? 'null';
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

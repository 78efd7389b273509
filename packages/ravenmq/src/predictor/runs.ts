import type { LogRow } from '../jobs/follow-logs.ts';
import type { Run } from './candidate.ts';

/** An attempt as the candidates see it. The timeout is the time that was asked for. */
export function runOf(log: LogRow): Run {
  const finishedAtMs = Date.parse(log.logged_at);
  const startedAtMs = finishedAtMs - log.runtime_ms;
  return {
    tenant: log.tenant_id,
    user: log.user_id ?? '',
    type: log.type,
    name: log.name,
    variant: log.variant ?? '',
    sizeHint: log.size_hint ?? undefined,
    requestedMs: log.timeout_ms ?? undefined,
    readyAtMs: startedAtMs - log.wait_ms,
    startedAtMs,
    finishedAtMs,
    runtimeMs: log.runtime_ms,
    attempt: log.attempt,
    // Only an attempt that failed, timed out or crashed is followed by another; which, the log of this one does not say.
    previousOutcome: log.attempt > 1 ? 'failed' : undefined,
    outcome: log.outcome,
  };
}

/** What a job's own answer carries of the plan: when it is expected to start and end, and whether something is wrong. */
import type { Queryable } from '../db/connect.ts';
import type { JobRow } from '../jobs/job.ts';
import { isFarOver } from './alarms.ts';
import { type Eta, etaIn, isAtRisk } from './eta.ts';
import type { PlanCache } from './plan-cache.ts';
import { instant, rangeOf } from './range.ts';
import { readPlace } from './read-plan.ts';

export interface Expectation {
  eta: Eta | null;
  deadline_at_risk: boolean | null;
  running_long: boolean;
}

const nothing: Expectation = { eta: null, deadline_at_risk: null, running_long: false };

/** Of a job that was submitted just now, from the plan that is at hand: the submission waits for nothing. */
export function expectedOf(plans: PlanCache, job: JobRow): Expectation {
  if (job.status === 'running' || job.rank === null || job.ready_at === null) return nothing;
  const plan = plans.peek(job.queue);
  const eta = plan
    ? etaIn(plan, {
        tenantId: job.tenant_id,
        rank: job.rank,
        p50Ms: job.predicted_runtime_ms,
        p90Ms: job.predicted_p90_ms,
        readyAtMs: Date.parse(job.ready_at),
      })
    : null;
  const risk = isAtRisk(job.deadline, eta?.finish ?? null, job.predicted_p90_ms, Date.now());
  return { eta, deadline_at_risk: risk, running_long: false };
}

/** Of any job, from its own entry in the plan. */
export async function expectation(db: Queryable, job: JobRow): Promise<Expectation> {
  if (job.status !== 'queued' && job.status !== 'running') return nothing;
  const place = await readPlace(db, job.queue, job.id, 0);
  const now = Date.now();
  const runningLong =
    job.status === 'running' &&
    job.started_at !== null &&
    isFarOver(now - Date.parse(job.started_at), job.predicted_p90_ms);
  const entry = place?.near[place.self];
  const eta = place && (entry ?? place.run) ? etaOf(place.head.plannedAtMs, entry, place.run) : null;
  return {
    eta,
    deadline_at_risk: isAtRisk(job.deadline, eta?.finish ?? null, job.predicted_p90_ms, now),
    running_long: runningLong,
  };
}

type Place = NonNullable<Awaited<ReturnType<typeof readPlace>>>;

function etaOf(plannedAtMs: number, entry: Place['near'][number] | undefined, run: Place['run']): Eta {
  const end = entry?.end ?? run?.end;
  return {
    planned_at: instant(plannedAtMs),
    position: entry?.position ?? null,
    start: entry ? rangeOf(plannedAtMs, entry.start) : null,
    finish: end ? rangeOf(plannedAtMs, end) : null,
  };
}

/** What holds of any state of the system, whatever led to it. */
import type { Observed, ObservedJob } from './observe.ts';

const live = ['scheduled', 'queued', 'running'];

/** Everything that is wrong with this state, in sentences. */
export function violations({ jobs, slots, limits }: Observed): string[] {
  const found: string[] = [];
  const wrong = (job: { id: string }, what: string) => found.push(`job ${job.id} ${what}`);
  const byId = Map.groupBy(jobs, (job) => job.id);

  for (const [id, rows] of byId) if (rows.length > 1) wrong({ id }, `has ${rows.length} rows`);
  for (const job of jobs) {
    const running = job.status === 'running';
    if (live.includes(job.status) !== (job.place === 'live')) wrong(job, `is ${job.status} in ${job.place}`);
    if (running !== job.leased) wrong(job, `is ${job.status} ${job.leased ? 'with' : 'without'} a lease`);
    if (job.place === 'live' && running !== (job.worker !== null))
      wrong(job, `is ${job.status} of ${job.worker}`);
    if (new Set(job.attempts).size !== job.attempts.length) wrong(job, 'has an attempt twice on record');
    for (const attempt of job.attempts) {
      if (Number.parseInt(attempt, 10) > job.fence)
        wrong(job, `has attempt ${attempt} past fence ${job.fence}`);
    }
    const held = slots.filter((slot) => slot.job_id === job.id).map((slot) => slot.scope);
    const due = holdsSlots(job) ? (job.scopes ?? []) : [];
    if (held.toSorted().join() !== due.toSorted().join()) {
      wrong(job, `is ${job.status} (gate ${job.gate}) and holds slots [${held}] where it should [${due}]`);
    }
  }
  for (const slot of slots) {
    if (!byId.has(slot.job_id)) found.push(`slot ${slot.scope} ${slot.n} is held by no job`);
  }
  for (const limit of limits) {
    if (limit.slots !== limit.max)
      found.push(`${limit.scope} has ${limit.slots} slots for a limit of ${limit.max}`);
  }
  return found;
}

/** From the opening of its gate until it ends, waits for a retry or is cancelled. */
function holdsSlots(job: ObservedJob): boolean {
  return job.status === 'running' || (job.status === 'queued' && job.gate === null);
}

/** How many slots of a scope are taken. */
export function taken({ slots }: Observed, scope: string): number {
  return slots.filter((slot) => slot.scope === scope).length;
}

/** Jobs that still wait at a gate although every one of their scopes has room. */
export function needlesslyGated(state: Observed): string[] {
  const max = new Map(state.limits.map((limit) => [limit.scope, limit.max]));
  const hasRoom = (scope: string) => taken(state, scope) < (max.get(scope) ?? Number.POSITIVE_INFINITY);
  return state.jobs
    .filter((job) => job.gate !== null && (job.scopes ?? []).every(hasRoom))
    .map((job) => job.id);
}

/**
 * A5: effects behind a fence are those of the accepted attempt; without one they repeat only where a fault was. The
 * sinks are in the same database: a primary that dies without its standby having them takes effects with it.
 */
import { type Evidence, isClaim } from '../evidence.ts';

export function effects(evidence: Evidence): string[] {
  const { jobs, effects: applied, fenced, reports, lost, deeds, slots } = evidence;
  const problems: string[] = [];
  const behindFence = new Map(fenced.map(({ job, fence }) => [job, fence]));
  const starts = Map.groupBy(
    reports.filter((report) => report.event === 'start'),
    (report) => report.job,
  );
  const known = new Set([...jobs, ...lost.jobs].map((job) => job.id));
  const lostEffects = new Set(lost.effects.map((effect) => `${effect.job} ${effect.fence}`));
  const lostClaims = new Set(lost.events.filter(isClaim).map((event) => `${event.job} ${event.fence}`));
  for (const { id, status, fence } of jobs) {
    const seen = behindFence.get(id);
    if (status !== 'done' || seen === fence) continue;
    // Applied and lost; or of a claim that was lost, which had got ahead of those that the new primary made.
    if (lostEffects.has(`${id} ${fence}`) || lostClaims.has(`${id} ${seen}`)) continue;
    problems.push(`job ${id} ended by fence ${fence}; its fenced effect is of ${seen}`);
  }
  const ofJob = Map.groupBy(applied, (effect) => effect.job);
  let repeats = 0;
  for (const [job, list] of ofJob) {
    if (!known.has(job)) problems.push(`an effect of job ${job}, which does not exist`);
    if (list.length === 1) continue;
    repeats += list.length - 1;
    if ((starts.get(job)?.length ?? 0) < list.length)
      problems.push(`job ${job} has ${list.length} effects from fewer starts`);
  }
  const most = mostRepeats(deeds, slots);
  if (repeats > most) problems.push(`${repeats} repeated effects; the faults explain ${most} at most`);
  return problems;
}

/** A fault that takes a worker's leases or its answers can repeat what it ran then: as many jobs as it has slots. */
function mostRepeats(deeds: Evidence['deeds'], slots: number): number {
  const { kills, pauses, cuts, resets, terminations, crashes, outages, rolls, swallowed, failovers } = deeds;
  const blows = kills + pauses + cuts + resets + terminations + crashes + outages + rolls + swallowed;
  return (blows + failovers) * slots;
}

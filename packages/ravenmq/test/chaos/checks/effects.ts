/** A5: effects behind a fence are those of the accepted attempt; without one they repeat only where a fault was. */
import type { Evidence } from '../evidence.ts';

export function effects({ jobs, effects: applied, fenced, reports, deeds, slots }: Evidence): string[] {
  const problems: string[] = [];
  const behindFence = new Map(fenced.map(({ job, fence }) => [job, fence]));
  const starts = Map.groupBy(
    reports.filter((report) => report.event === 'start'),
    (report) => report.job,
  );
  const status = new Map(jobs.map((job) => [job.id, job]));
  for (const { id, status, fence } of jobs) {
    if (status === 'done' && behindFence.get(id) !== fence) {
      problems.push(`job ${id} ended by fence ${fence}; its fenced effect is of ${behindFence.get(id)}`);
    }
  }
  const ofJob = Map.groupBy(applied, (effect) => effect.job);
  let repeats = 0;
  for (const [job, list] of ofJob) {
    if (!status.has(job)) problems.push(`an effect of job ${job}, which does not exist`);
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
  const { kills, pauses, cuts, resets, terminations, crashes, outages, rolls, swallowed } = deeds;
  return (kills + pauses + cuts + resets + terminations + crashes + outages + rolls + swallowed) * slots;
}

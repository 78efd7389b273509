/**
 * What the runs most like a job took: means of ln runtime over the last runs of a level, weighted by how near they are
 * in request, size, name, variant and user, and how late they came (Nadaraya and Watson, 1964).
 */
import type { Job, Run } from './candidate.ts';

/** How fast the weight falls: per unit of distance, and per run in between. */
const kernels = [
  { perDistance: 3, perRun: 0.05 },
  { perDistance: 1, perRun: 0.3 },
];
/** Of each kernel the mean less the baseline, and how much there was that is near. */
export const ofLikeness = 2 * kernels.length;

/** `logs` are ln milliseconds of the runs. */
export function likeness(job: Job, runs: readonly Run[], logs: readonly number[], base: number): number[] {
  const distances = runs.map((run) => distanceOf(job, run));
  return kernels.flatMap(({ perDistance, perRun }) => {
    let [sum, weights] = [0, 1e-3];
    for (const [n, distance] of distances.entries()) {
      const weight = Math.exp(-perDistance * distance - perRun * (runs.length - 1 - n));
      sum += weight * ((logs[n] as number) - base);
      weights += weight;
    }
    return [sum / weights, Math.log(weights) / 3];
  });
}

function distanceOf(job: Job, run: Run): number {
  return (
    apart(job.requestedMs, run.requestedMs) +
    apart(job.sizeHint, run.sizeHint) +
    Number(job.name !== run.name) +
    Number(job.variant !== run.variant) +
    Number(job.user !== run.user)
  );
}

/** The distance of two logarithms; 1 where only one of them is known. */
function apart(one: number | undefined, other: number | undefined): number {
  if (one === undefined || other === undefined) return Number(one !== other);
  const distance = Math.abs(Math.log(Math.max(0.01, one) / Math.max(0.01, other)));
  return Number.isFinite(distance) ? distance : 5;
}

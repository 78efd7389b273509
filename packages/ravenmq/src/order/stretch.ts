/**
 * How far shorter jobs may overtake longer ones. It grows with the backlog: what is enough on a quiet system turns
 * into first come, first served on a busy one. Jobs keep the stretch they were ranked with.
 */

const steps = [10, 20, 40, 80, 160, 320, 640, 1_280] as const;
/** Submissions after which a peak of the backlog counts half. */
const halfLife = 500;
const decay = 0.5 ** (1 / halfLife);

export interface Backlog {
  /** Decaying peak of the predicted work that waits, per slot, in milliseconds. */
  peakMs: number;
  /** Decayed sums over the submissions: of their predicted run times, and of ones. */
  predictedMs: number;
  submissions: number;
}

export const noBacklog = (): Backlog => ({ peakMs: 0, predictedMs: 0, submissions: 0 });

export interface Arrived {
  /** Submissions. */
  count: number;
  /** Sum of their predicted run times, in milliseconds. */
  predictedMs: number;
  /** Predicted work that waits afterwards, with theirs, in milliseconds. */
  waitingMs: number;
  slots: number;
}

/** The backlog after submissions. Of several at once only the last backlog counts, and their mean stands for each. */
export function afterSubmissions(backlog: Backlog, arrived: Arrived): Backlog {
  const { count, predictedMs, waitingMs, slots } = arrived;
  const faded = decay ** count;
  const weight = (1 - faded) / (1 - decay);
  return {
    peakMs: Math.max(backlog.peakMs * faded, waitingMs / slots),
    predictedMs: backlog.predictedMs * faded + (count === 0 ? 0 : (weight * predictedMs) / count),
    submissions: backlog.submissions * faded + weight,
  };
}

/** The smallest step above the peak counted in mean predicted run times. */
export function stretchOf({ peakMs, predictedMs, submissions }: Backlog): number {
  const jobs = submissions === 0 ? 0 : peakMs / (predictedMs / submissions);
  return steps.find((step) => step > jobs) ?? 1_280;
}

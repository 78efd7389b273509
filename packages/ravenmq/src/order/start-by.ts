/**
 * The number that orders waiting jobs: the smallest runs first. It is fixed when a job becomes ready. Earliest
 * deadline first on the stretch (Bender, Chakrabarti, Muthukrishnan 1998) with predicted run times: inside a lane a
 * job is overtaken only by what arrived less than `stretch x predicted / weight` after it.
 */
export interface Ranked {
  readyAtMs: number;
  /** Mean of the predicted distribution: an unpredictable job does not ride on its good days. */
  meanMs: number;
  p90Ms: number;
  /** Static priority, 1 for an ordinary job. */
  weight: number;
  deadlineMs: number | undefined;
}

/** In the year 2255: up to there a double holds whole microseconds. */
const endOfTimeMs = 9e12;

/**
 * In milliseconds. The deadline can only bring it forward, and never before the job is ready: a missed deadline does
 * not overtake everybody for ever. The SQL function of the same name is the same in microseconds.
 */
export function startBy({ readyAtMs, meanMs, p90Ms, weight, deadlineMs }: Ranked, stretch: number): number {
  const latest = deadlineMs === undefined ? endOfTimeMs : deadlineMs - p90Ms;
  return Math.max(readyAtMs, Math.min(endOfTimeMs, readyAtMs + (stretch * meanMs) / weight, latest));
}

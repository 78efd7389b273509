/** When a prediction says that something is wrong. */

/** A run counts as far too long past twice its p90 and a second: short jobs miss their p90 for nothing. */
export const isFarOver = (elapsedMs: number, p90Ms: number): boolean => elapsedMs > 2 * p90Ms + 1_000;

/** The same in SQL, of a row `j` of job_live. */
export const farOverSql = `(j.status = 'running' and j.started_at is not null
  and clock_timestamp() - j.started_at > (2 * j.predicted_p90_ms + 1000) * interval '1 millisecond')`;

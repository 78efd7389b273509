/** Means with their 95 % confidence intervals (Student 1908). */

export interface Estimate {
  mean: number;
  /** Half the width of the interval; undefined for fewer than two values. */
  margin: number | undefined;
}

/** The 97.5th percentile of Student's distribution, for 1 to 15 degrees of freedom; beyond, that of the normal one. */
const students = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
];

export function estimateOf(values: number[]): Estimate {
  const mean = meanOf(values);
  if (values.length < 2) return { mean, margin: undefined };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const t = students[values.length - 2] ?? 1.96;
  return { mean, margin: t * Math.sqrt(variance / values.length) };
}

export const meanOf = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

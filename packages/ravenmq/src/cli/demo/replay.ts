/** What the order of the demo is compared with: the same jobs, first come, first served. Times in milliseconds. */

export interface Run {
  readyMs: number;
  startedMs: number;
  runtimeMs: number;
}

export interface Comparison {
  jobs: number;
  /** Pairs that waited at the same time and started in another order than they became ready. */
  overtakings: number;
  meanWaitMs: number;
  /** Mean wait if the same slots had taken the jobs in the order they became ready. */
  fifoMeanWaitMs: number;
}

export function compareWithFifo(runs: Run[], slots: number): Comparison {
  const byReady = runs.toSorted((a, b) => a.readyMs - b.readyMs);
  let overtakings = 0;
  byReady.forEach((first, n) => {
    for (const later of byReady.slice(n + 1)) {
      if (later.readyMs > first.startedMs) break;
      if (later.startedMs < first.startedMs) overtakings++;
    }
  });
  return {
    jobs: runs.length,
    overtakings,
    meanWaitMs: mean(runs.map((run) => run.startedMs - run.readyMs)),
    fifoMeanWaitMs: mean(fifoWaits(byReady, slots)),
  };
}

function fifoWaits(byReady: Run[], slots: number): number[] {
  const freeAt: number[] = Array(slots).fill(Number.NEGATIVE_INFINITY);
  return byReady.map(({ readyMs, runtimeMs }) => {
    const slot = freeAt.indexOf(Math.min(...freeAt));
    const start = Math.max(readyMs, freeAt[slot] as number);
    freeAt[slot] = start + runtimeMs;
    return start - readyMs;
  });
}

export function mean(values: number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

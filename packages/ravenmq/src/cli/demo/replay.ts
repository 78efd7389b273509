/** What the order of the demo is compared with: the same jobs, first come, first served. Times in milliseconds. */

export interface Run {
  /** Jobs of one organization in one queue: only among them may one overtake another. */
  lane: string;
  /** Place in the order of submission; it decides between jobs that became ready at the same time. */
  place: number;
  readyMs: number;
  startedMs: number;
  /** Without what starting and reporting cost, which favours first come, first served. */
  runtimeMs: number;
}

export interface Comparison {
  jobs: number;
  /** Pairs of one lane that waited at the same time. */
  pairs: number;
  /** Those that started in another order than they became ready. */
  overtakings: number;
  all: Waits;
  lanes: Map<string, Waits>;
}

interface Waits {
  meanMs: number;
  /** The mean if the same slots had taken all jobs in the order they became ready. */
  fifoMeanMs: number;
}

export function compareWithFifo(runs: Run[], slots: number): Comparison {
  const inOrder = runs.toSorted((a, b) => a.readyMs - b.readyMs || a.place - b.place);
  const waits = fifoWaits(inOrder, slots).map((fifoMs, n) => {
    const { lane, startedMs, readyMs } = inOrder[n] as Run;
    return { lane, fifoMs, ms: startedMs - readyMs };
  });
  const means = (of: typeof waits): Waits => ({
    meanMs: mean(of.map((wait) => wait.ms)),
    fifoMeanMs: mean(of.map((wait) => wait.fifoMs)),
  });
  const lanes = [...Map.groupBy(waits, (wait) => wait.lane)];
  return {
    jobs: runs.length,
    ...countPairs(inOrder),
    all: means(waits),
    lanes: new Map(lanes.map(([lane, of]) => [lane, means(of)])),
  };
}

function countPairs(inOrder: Run[]): { pairs: number; overtakings: number } {
  let pairs = 0;
  let overtakings = 0;
  inOrder.forEach((first, n) => {
    for (const later of inOrder.slice(n + 1)) {
      if (later.readyMs > first.startedMs) break;
      if (later.lane !== first.lane) continue;
      pairs++;
      if (later.startedMs < first.startedMs) overtakings++;
    }
  });
  return { pairs, overtakings };
}

function fifoWaits(inOrder: Run[], slots: number): number[] {
  const freeAt: number[] = Array(slots).fill(Number.NEGATIVE_INFINITY);
  return inOrder.map(({ readyMs, runtimeMs }) => {
    const slot = freeAt.indexOf(Math.min(...freeAt));
    const start = Math.max(readyMs, freeAt[slot] as number);
    freeAt[slot] = start + runtimeMs;
    return start - readyMs;
  });
}

export function mean(values: number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of an even number of values the upper of the two in the middle. */
export function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

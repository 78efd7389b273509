/**
 * When everything that waits will start and end, as ranges: the queue is played once with every run time at its median,
 * which gives the order and the slots, and many times with run times and arrivals drawn at random, which gives the
 * ranges. Drawing, not a formula: turns of lanes, limits and workers of different kinds leave none that would hold.
 */
import { type Board, layOut } from './board.ts';
import { drain, type Luck, type Play } from './drain.ts';
import { leftAt, normal, type Random, randomFrom, runtimeAt } from './draws.ts';
import type { PlanState } from './state.ts';

export interface Quantiles {
  p10: Float64Array;
  p50: Float64Array;
  p90: Float64Array;
}

export interface Forecast {
  board: Board;
  /** With every run at its median and nobody arriving. */
  median: Play;
  /** By waiting job, in milliseconds from now; infinite where nothing will run it. */
  start: Quantiles;
  end: Quantiles;
  /** By running job. */
  runningEnd: Quantiles;
  /** By queue: when the first slot that serves it comes free. */
  nextFree: Quantiles;
}

/** Starts played in all: more plays of a short queue, fewer of a long one. */
const startsPlayed = 20_000;
const fewest = 20;
const most = 64;

/**
 * Of the variance of ln run time, the part that the jobs of one type have in common at one time: a prediction that is
 * wrong is wrong for the next job too, and the errors of a long queue do not cancel out.
 */
const inCommon = 0.15;

/** `pause` is awaited between plays. */
export async function forecast(
  state: PlanState,
  { seed = 1, pause = async () => {} }: { seed?: number; pause?: () => Promise<void> } = {},
): Promise<Forecast> {
  const board = layOut(state);
  const median = drain(board, medianLuck());
  const jobs = state.waiting.length + state.running.length;
  const plays = Math.max(fewest, Math.min(most, Math.ceil(startsPlayed / Math.max(1, jobs))));
  const random = randomFrom(seed);
  const start = samplesOf(state.waiting.length, plays);
  const end = samplesOf(state.waiting.length, plays);
  const runningEnd = samplesOf(state.running.length, plays);
  const nextFree = samplesOf(state.queues.length, plays);
  for (let n = 0; n < plays; n++) {
    await pause();
    const play = drain(board, drawnLuck(random, state.types.length));
    start.set(n, play.startMs);
    end.set(n, play.endMs);
    runningEnd.set(n, play.runningEndMs);
    nextFree.set(n, firstFree(board, play));
  }
  return {
    ...{ board, median },
    start: start.quantiles(),
    end: end.quantiles(),
    runningEnd: runningEnd.quantiles(),
    nextFree: nextFree.quantiles(),
  };
}

function firstFree({ state, slots, classes, occupant }: Board, { runningEndMs }: Play): Float64Array {
  const first = new Float64Array(state.queues.length).fill(Number.POSITIVE_INFINITY);
  slots.forEach(({ slotClass }, slot) => {
    const place = occupant[slot] as number;
    const freeMs = place < 0 ? 0 : (runningEndMs[place] as number);
    for (const queue of classes[slotClass]?.queues ?? [])
      first[queue] = Math.min(first[queue] as number, freeMs);
  });
  return first;
}

function medianLuck(): Luck {
  let turn = 0;
  return {
    runtimeMs: (job) => job.p50Ms,
    leftMs: (job) => leftAt(job, job.elapsedMs, 0.5),
    nextArrival: () => ({ afterMs: Number.POSITIVE_INFINITY, like: 0 }),
    pick: (count) => turn++ % Math.max(1, count),
  };
}

function drawnLuck(random: Random, types: number): Luck {
  const common = Float64Array.from({ length: types }, () => Math.sqrt(inCommon) * normal(random));
  const own = Math.sqrt(1 - inCommon);
  return {
    runtimeMs: (job) => runtimeAt(job, (common[job.type] ?? 0) + own * normal(random)),
    leftMs: (job) => leftAt(job, job.elapsedMs, random()),
    nextArrival: ({ perMs, like }) => ({
      afterMs: perMs > 0 && like.length > 0 ? -Math.log(random()) / perMs : Number.POSITIVE_INFINITY,
      like: Math.floor(random() * like.length),
    }),
    pick: (count) => Math.floor(random() * count),
  };
}

/** `plays` values of each of `count` things. */
function samplesOf(count: number, plays: number) {
  const values = new Float64Array(count * plays);
  return {
    set(play: number, of: Float64Array): void {
      for (let n = 0; n < count; n++) values[n * plays + play] = of[n] as number;
    },
    quantiles(): Quantiles {
      const [p10, p50, p90] = [0.1, 0.5, 0.9].map(() => new Float64Array(count)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      for (let n = 0; n < count; n++) {
        const sorted = values.subarray(n * plays, (n + 1) * plays).sort();
        p10[n] = quantile(sorted, 0.1);
        p50[n] = quantile(sorted, 0.5);
        p90[n] = quantile(sorted, 0.9);
      }
      return { p10, p50, p90 };
    },
  };
}

/** Between the two nearest values (Hyndman and Fan 1996, number 7). */
function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
}

/** A question about the past, and its answer. Field names are those of the API. */
import type { PolicyName } from '../simulator/compare.ts';

export const windows = { hour: 3_600, day: 86_400, week: 604_800 } as const;
export type Window = keyof typeof windows;

/** Orders that can be compared; first come, first served and the clairvoyant bound are always there. */
export const comparable = [
  'fifo',
  'priority',
  'shortest',
  'adaptive',
  'hrrn',
] as const satisfies readonly PolicyName[];

export interface Question {
  window: Window;
  /** Only jobs of this queue. */
  queue?: string | undefined;
  policies: (typeof comparable)[number][];
  /** The first is what there is; the others are tried. */
  slots: number[];
  /** 1.3: the same jobs in 1/1.3 of the time. */
  arrival_scales: number[];
  predictor: string;
}

export interface Row {
  policy: string;
  slots: number;
  arrival_scale: number;
  /** Of the slots' time. */
  utilisation: number;
  mean_wait_ms: number;
  p95_wait_ms: number;
  p99_wait_ms: number;
  max_wait_ms: number;
  slowdown: number;
  /** 0 is first come, first served, 100 the clairvoyant order. */
  gap_wait: number;
  gap_slowdown: number;
  /** 0 %, 5 % .. 100 %. */
  wait_quantiles_ms: number[];
}

export interface Capacity {
  arrival_scale: number;
  slots: number;
  p95_wait_ms: number;
  /** Slots that keep the p95 wait of today's arrivals; null: not even four times as many. */
  slots_to_keep: number | null;
  sentence: string;
}

export interface Answer {
  jobs: number;
  from: string;
  until: string;
  sentence: string;
  rows: Row[];
  capacity: Capacity[];
}

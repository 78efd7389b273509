/** How much of every fault a profile has, and about how long that takes. */
import type { Size } from './fault.ts';

export type Profile = 'pr' | 'nightly' | 'release';

export interface Unit {
  /** Names the unit within a profile: the fault, and which repetition of it. */
  name: string;
  fault: string;
  size: Size;
  /** Rough, to cut a profile into parts of about the same length. */
  expectedSeconds: number;
}

interface Plan {
  /** For each profile: how often, how many seconds, jobs a second, and how many separate trials. */
  pr?: Amount;
  nightly?: Amount;
  release?: Amount;
  /** What one blow takes, in seconds; for faults that are a state, their length counts. */
  secondsEach?: number;
}
type Amount = [times: number, seconds: number, perSecond: number, trials?: number];

const plans: Record<string, Plan> = {
  F1: { pr: [20, 0, 100], nightly: [300, 0, 100], release: [500, 0, 100, 4], secondsEach: 0.6 },
  F2: { pr: [10, 0, 40], nightly: [200, 0, 60], release: [250, 0, 60, 4], secondsEach: 1.8 },
  F3: { pr: [8, 0, 60], nightly: [150, 0, 80], release: [150, 0, 80, 4], secondsEach: 2.2 },
  F4: { pr: [5, 0, 40], nightly: [100, 0, 60], release: [100, 0, 60, 4], secondsEach: 4 },
  F5: { pr: [0, 12, 60], nightly: [0, 1_800, 80], release: [0, 3_000, 80, 2] },
  F6: { pr: [4, 3, 40], nightly: [60, 30, 60], release: [75, 60, 60, 4], secondsEach: 5 },
  F7: {
    pr: [200, 15, 100],
    nightly: [5_000, 1_500, 120],
    release: [5_000, 1_500, 120, 4],
    secondsEach: 0.06,
  },
  F8: { pr: [100, 0, 60], nightly: [3_000, 0, 60], release: [2_500, 0, 60, 4], secondsEach: 0.11 },
  F9: { pr: [2, 0, 60], nightly: [40, 0, 60], release: [50, 0, 60, 3], secondsEach: 5 },
  F10: { pr: [1, 9, 20], nightly: [10, 60, 30], release: [10, 60, 30, 3], secondsEach: 85 },
  F11: { nightly: [10, 5, 60], release: [15, 5, 60, 2], secondsEach: 14 },
  F12: { nightly: [8, 300, 60], release: [8, 400, 60], secondsEach: 320 },
  F13: { nightly: [0, 600, 100], release: [0, 3_000, 100] },
  F14: { pr: [10, 0, 60], nightly: [300, 0, 60], release: [250, 0, 60, 4], secondsEach: 1.5 },
  F15: { nightly: [50, 0, 60], release: [50, 0, 60, 4], secondsEach: 15 },
  F16: { pr: [6_000, 6, 20], nightly: [100_000, 60, 20], release: [100_000, 60, 20, 10], secondsEach: 0.003 },
  F17: { pr: [1, 0, 60], nightly: [20, 0, 60], release: [25, 0, 60, 4], secondsEach: 30 },
  F18a: { nightly: [10, 0, 60], release: [25, 0, 60, 2], secondsEach: 10 },
  F18s: { nightly: [10, 0, 60], release: [25, 0, 60, 2], secondsEach: 10 },
  F19: { nightly: [60, 0, 40], release: [60, 0, 40, 4], secondsEach: 20 },
  F20: { pr: [0, 25, 60], nightly: [0, 600, 60, 20], release: [0, 900, 60, 100] },
  W1: { pr: [3, 0, 80], nightly: [20, 0, 80], release: [50, 0, 80, 2], secondsEach: 9 },
};

/** Start, drain and stop of a trial, in seconds. */
const overhead = 12;

export function unitsOf(profile: Profile): Unit[] {
  return Object.entries(plans).flatMap(([fault, plan]) => {
    const amount = plan[profile];
    if (!amount) return [];
    const [times, seconds, perSecond, trials = 1] = amount;
    const expectedSeconds = overhead + (plan.secondsEach ? times * plan.secondsEach : seconds);
    return Array.from({ length: trials }, (_, n) => ({
      name: trials === 1 ? fault : `${fault} ${n + 1}/${trials}`,
      fault,
      size: { times, seconds, perSecond },
      expectedSeconds,
    }));
  });
}

/** One of `count` parts of about the same length; every unit is in exactly one of them, always the same one. */
export function partOf(units: Unit[], part: number, count: number): Unit[] {
  const parts = Array.from({ length: count }, () => ({ seconds: 0, units: [] as Unit[] }));
  for (const unit of units.toSorted((a, b) => b.expectedSeconds - a.expectedSeconds)) {
    const shortest = parts.reduce((best, one) => (one.seconds < best.seconds ? one : best));
    shortest.units.push(unit);
    shortest.seconds += unit.expectedSeconds;
  }
  const own = new Set(parts[part - 1]?.units);
  return units.filter((unit) => own.has(unit));
}

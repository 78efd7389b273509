/** The assertions, under the names of docs/reliability.md, over what a trial left behind. */
import { attempts } from './checks/attempts.ts';
import { effects } from './checks/effects.ts';
import { fencing, staleSeen } from './checks/fencing.ts';
import { hygiene } from './checks/hygiene.ts';
import { leaders } from './checks/leaders.ts';
import { limits } from './checks/limits.ts';
import { liveness } from './checks/liveness.ts';
import { oneOutcome } from './checks/outcomes.ts';
import { noLoss, noPhantom } from './checks/submissions.ts';
import type { Evidence } from './evidence.ts';
import { limitOfKey } from './mix.ts';

export const assertions = {
  A1: 'no loss',
  A2: 'no phantom',
  A3: 'one outcome',
  A4: 'fencing',
  A5: 'effects',
  A6: 'attempts',
  A7: 'schedules',
  A8: 'leader',
  A9: 'limits and tenants',
  A10: 'liveness',
  A11: 'hygiene',
} as const;

export type Assertion = keyof typeof assertions;

/** Problems found; empty when it holds, undefined when it was not looked at. */
export type Verdicts = Record<Assertion, string[] | undefined>;

export interface Expectations {
  /** Stale finishes must have been seen and refused. */
  stale: boolean;
  recoverWithinMs: number;
  stopWithinMs: number;
  /** Longest time without a leader while the database is there. */
  leaderlessMs: number;
  healedAt: number;
}

export function judge(evidence: Evidence, expected: Expectations): Verdicts {
  const { stale, recoverWithinMs, stopWithinMs, leaderlessMs, healedAt } = expected;
  return {
    A1: noLoss(evidence),
    A2: noPhantom(evidence),
    A3: oneOutcome(evidence),
    A4: [...fencing(evidence), ...(stale ? staleSeen(evidence) : [])],
    A5: effects(evidence),
    A6: attempts(evidence),
    // There are no schedules yet.
    A7: undefined,
    A8: leaders(evidence, leaderlessMs),
    A9: limits(evidence, limitOfKey),
    A10: liveness(evidence, { recoverWithinMs, healedAt }),
    A11: hygiene(evidence, stopWithinMs),
  };
}

'use client';
import { count } from '../../lib/format.ts';
import type { PredictorState } from '../../lib/wire.ts';
import { Stat, Stats } from '../ui/stat.tsx';
import { Ago } from '../ui/time.tsx';

const modes = {
  auto: 'measured gain decides',
  fixed: 'fixed by an administrator',
  off: 'learning is off',
};

/** Who predicts now, and how right it has been. */
export function Champion({ state }: { state: PredictorState }) {
  const { report, choice } = state;
  const name = report?.champions.misorder;
  const scores = name === undefined ? undefined : report?.candidates[name];
  return (
    <Stats>
      <Stat
        name="Champion of the order"
        value={<span className="word">{name ?? '–'}</span>}
        note={modes[choice.mode]}
      />
      <Stat
        name="Runs within p90"
        value={scores ? `${(scores.coverage * 100).toFixed(1)} %` : '–'}
        note="90 % is right"
      />
      <Stat
        name="Wrong order costs"
        value={scores ? scores.misorder.toFixed(3) : '–'}
        note="0 is none, 0.5 is chance"
      />
      <Stat
        name="Typical error"
        value={scores ? `× ${Math.exp(scores.logError).toFixed(2)}` : '–'}
        note="factor between the two"
      />
      <Stat
        name="Runs judged"
        value={count(report?.runs)}
        note={
          state.learned_at && (
            <>
              learned <Ago at={state.learned_at} />
            </>
          )
        }
      />
    </Stats>
  );
}

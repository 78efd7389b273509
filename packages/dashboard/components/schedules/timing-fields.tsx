'use client';
import { useId } from 'react';
import { type Unit, units } from '../../lib/schedule-words.ts';
import { type TimingDraft, zones } from './timing.ts';

interface TimingFieldsProps {
  draft: TimingDraft;
  change(to: Partial<TimingDraft>): void;
}

export function TimingFields({ draft, change }: TimingFieldsProps) {
  const list = useId();
  return (
    <>
      <label className="field">
        Repeats
        <select
          value={draft.way}
          onChange={(event) => change({ way: event.target.value as TimingDraft['way'] })}
        >
          <option value="cron">at times of the clock</option>
          <option value="interval">at an interval</option>
        </select>
      </label>
      {draft.way === 'cron' ? (
        <>
          <label className="field">
            Cron pattern
            <input
              value={draft.cron}
              onChange={(event) => change({ cron: event.target.value })}
              required
              maxLength={200}
              spellCheck={false}
            />
            <span className="hint">minute, hour, day, month, weekday; seconds first if six</span>
          </label>
          <label className="field">
            Time zone
            <input
              value={draft.timezone}
              onChange={(event) => change({ timezone: event.target.value })}
              required
              maxLength={64}
              spellCheck={false}
              list={list}
            />
            <datalist id={list}>
              {zones().map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
            <span className="hint">whose clock the pattern is read on</span>
          </label>
        </>
      ) : (
        <>
          <label className="field">
            Every
            <input
              type="number"
              min="0"
              step="any"
              required
              value={draft.every}
              onChange={(event) => change({ every: event.target.value })}
            />
          </label>
          <label className="field">
            Unit
            <select value={draft.unit} onChange={(event) => change({ unit: event.target.value as Unit })}>
              {Object.keys(units).map((unit) => (
                <option key={unit}>{unit}</option>
              ))}
            </select>
          </label>
        </>
      )}
    </>
  );
}

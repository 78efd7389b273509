'use client';
import type { ReactNode } from 'react';
import { jobTypes } from '../../lib/job-types.ts';
import { Segments } from '../ui/segments.tsx';
import { PayloadFields } from './payload-fields.tsx';
import { ownType, type Work, ways } from './use-work.ts';

interface WorkFieldsProps {
  work: Work;
  failed(error: Error): void;
  /** Before the type. */
  children?: ReactNode;
}

/** Type and payload: a form for the built-in types, JSON for every type. */
export function WorkFields({ work, failed, children }: WorkFieldsProps) {
  const { shape, form } = work;
  const turn: Work['turn'] = (next) => {
    try {
      work.turn(next);
    } catch (failure) {
      failed(failure as Error);
    }
  };
  return (
    <>
      <div className="fields">
        {children}
        <label className="field">
          Type
          <select value={work.kind} onChange={(event) => work.choose(event.target.value)}>
            {[...jobTypes.map((each) => each.type), ownType].map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        {!shape && (
          <label className="field wide">
            Your type
            <input
              value={work.ownName}
              onChange={(event) => work.setOwnName(event.target.value)}
              required
              maxLength={64}
              pattern="[A-Za-z0-9_.:\/\-]+"
            />
            <span className="hint">as a worker of yours has a handler for it</span>
          </label>
        )}
      </div>
      <div className="row spread payload-head">
        <span className="soft small">{shape?.about ?? 'The payload goes to your handler as it is.'}</span>
        {shape && <Segments label="Payload as" options={ways} value={work.way} choose={turn} />}
      </div>
      {form ? (
        <PayloadFields {...form} />
      ) : (
        <label className="field">
          Payload
          <textarea
            rows={9}
            spellCheck={false}
            value={work.json}
            onChange={(event) => work.setJson(event.target.value)}
          />
        </label>
      )}
    </>
  );
}

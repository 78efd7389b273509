'use client';
import type { NewJob } from '@ravenmq/client';
import type { ReactNode } from 'react';

interface MoreOptionsProps {
  from?: Partial<NewJob> | undefined;
  /** Of a job that is submitted again and again: what belongs to one alone makes room for this. */
  repeated?: ReactNode;
}

/** Everything about a job that has a default. */
export function MoreOptions({ from, repeated }: MoreOptionsProps) {
  return (
    <details className="more">
      <summary>More options</summary>
      <div className="fields">
        <label className="field">
          Queue
          <input
            name="queue"
            maxLength={64}
            pattern="[A-Za-z0-9_.:\-]*"
            placeholder="default"
            defaultValue={from?.queue}
          />
        </label>
        <label className="field">
          Weight
          <input
            name="weight"
            type="number"
            min="0.001"
            max="1000"
            step="any"
            placeholder="1"
            defaultValue={from?.weight}
          />
          <span className="hint">2 halves what a long runtime costs it</span>
        </label>
        {repeated ?? (
          <>
            <label className="field">
              Not before
              <input name="run_at" type="datetime-local" />
            </label>
            <label className="field">
              Deadline
              <input name="deadline" type="datetime-local" />
            </label>
          </>
        )}
        <label className="field">
          Retries
          <input
            name="max_retries"
            type="number"
            min="0"
            max="100"
            placeholder="3"
            defaultValue={from?.max_retries}
          />
        </label>
        <label className="field">
          Timeout of a run, ms
          <input name="timeout_ms" type="number" min="1" defaultValue={from?.timeout_ms} />
        </label>
        <label className="field">
          Concurrency key
          <input name="concurrency_key" maxLength={200} defaultValue={from?.concurrency_key} />
        </label>
        <label className="field">
          Labels
          <input name="labels" placeholder="team=x env=prod" defaultValue={labelText(from?.labels)} />
        </label>
      </div>
    </details>
  );
}

const labelText = (labels: Record<string, string> = {}) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

/** What was filled in; times are those of the person's clock. Labels of `from` that were left alone stay as they are. */
export function optionsOf(form: FormData, from?: Partial<NewJob>): Partial<NewJob> {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const options: Partial<NewJob> = {};
  for (const name of ['queue', 'concurrency_key'] as const) if (text(name)) options[name] = text(name);
  for (const name of ['weight', 'max_retries', 'timeout_ms'] as const) {
    if (text(name)) options[name] = Number(text(name));
  }
  for (const name of ['run_at', 'deadline'] as const) {
    if (text(name)) options[name] = new Date(text(name)).toISOString();
  }
  if (from?.labels && text('labels') === labelText(from.labels)) options.labels = from.labels;
  else if (text('labels')) options.labels = labelsOf(text('labels'));
  return options;
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(/[\s,]+/).map((pair) => {
      const [, key, value] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (!key || !value) throw new Error(`Labels: ${pair} is not of the form key=value.`);
      return [key, value];
    }),
  );
}

'use client';
import type { NewJob } from '@ravenmq/client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import {
  initialValues,
  type JobType,
  jobTypes,
  parseJson,
  payloadOf,
  type Values,
} from '../../lib/job-types.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Segments } from '../ui/segments.tsx';
import { Trouble } from '../ui/states.tsx';
import { useToasts } from '../ui/toast.tsx';
import { EstimateLine } from './estimate-line.tsx';
import { PayloadFields } from './payload-fields.tsx';
import { MoreOptions, optionsOf } from './submit-options.tsx';
import { useJobActions } from './use-job-actions.ts';

const ownType = 'your own';
const ways = ['form', 'json'] as const;

/** Submits one job: a form for the built-in types, JSON for every type; `from` fills it in. */
export function SubmitDialog({ close, from }: { close(): void; from?: NewJob }) {
  const router = useRouter();
  const { changed } = useJobActions();
  const { say } = useToasts();
  const known = jobTypes.find(({ type }) => type === (from?.type ?? 'http'));
  const [kind, setKind] = useState(known?.type ?? ownType);
  const [way, setWay] = useState<(typeof ways)[number]>(from ? 'json' : 'form');
  const [values, setValues] = useState<Values>(initialValues(known ?? (jobTypes[0] as JobType)));
  const [json, setJson] = useState(from ? JSON.stringify(from.payload, null, 2) : '{}');
  const [name, setName] = useState(from?.name ?? '');
  const [type, setType] = useState(from?.type ?? '');
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const shape = jobTypes.find((each) => each.type === kind);
  const asForm = way === 'form' && shape !== undefined;

  const payload = () =>
    (asForm ? payloadOf(shape, values) : parseJson('Payload', json)) as Record<string, unknown>;

  const choose = (next: string) => {
    const found = jobTypes.find((each) => each.type === next);
    setKind(next);
    if (found) {
      setValues(initialValues(found));
      setJson(JSON.stringify(payloadOf(found, initialValues(found)), null, 2));
    }
  };
  const turn = (next: (typeof ways)[number]) => {
    try {
      if (next === 'json' && asForm) setJson(JSON.stringify(payload(), null, 2));
      setWay(next);
    } catch (failure) {
      setError(failure as Error);
    }
  };

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setError(undefined);
    try {
      const options = optionsOf(new FormData(event.currentTarget));
      const job = { ...options, name, type: shape ? kind : type, payload: payload() };
      setBusy(true);
      const made = await api.submit(job);
      changed();
      close();
      say({
        text: `${made.name} is submitted.`,
        action: { label: 'Open', run: () => router.push(`/job/?id=${made.id}`) },
      });
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog title={from ? 'Submit again' : 'Submit a job'} close={close}>
      <form onSubmit={(event) => void onSubmit(event)}>
        <div className="fields">
          <label className="field">
            Name
            <input
              value={name}
              onChange={(event) => setName(event.target.value)}
              required
              maxLength={64}
              placeholder="nightly-report"
            />
          </label>
          <label className="field">
            Type
            <select value={kind} onChange={(event) => choose(event.target.value)}>
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
                value={type}
                onChange={(event) => setType(event.target.value)}
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
          {shape && <Segments label="Payload as" options={ways} value={way} choose={turn} />}
        </div>
        {asForm ? (
          <PayloadFields fields={shape.fields} values={values} setValues={setValues} />
        ) : (
          <label className="field">
            Payload
            <textarea
              rows={9}
              spellCheck={false}
              value={json}
              onChange={(event) => setJson(event.target.value)}
            />
          </label>
        )}
        <MoreOptions from={from} />
        <EstimateLine name={name} type={shape ? kind : type} />
        {error && <Trouble error={error} />}
        <div className="dialog-foot">
          <button type="button" onClick={close}>
            Close
          </button>
          <button type="submit" className="primary" disabled={busy}>
            Submit
          </button>
        </div>
      </form>
    </Dialog>
  );
}

'use client';
import type { NewJob } from '@ravenmq/client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Trouble } from '../ui/states.tsx';
import { useToasts } from '../ui/toast.tsx';
import { EstimateLine } from './estimate-line.tsx';
import { MoreOptions, optionsOf } from './submit-options.tsx';
import { useJobActions } from './use-job-actions.ts';
import { useWork } from './use-work.ts';
import { WorkFields } from './work-fields.tsx';

/** Submits one job; `from` fills it in. */
export function SubmitDialog({ close, from }: { close(): void; from?: NewJob }) {
  const router = useRouter();
  const { changed } = useJobActions();
  const { say } = useToasts();
  const work = useWork(from);
  const [name, setName] = useState(from?.name ?? '');
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setError(undefined);
    try {
      const options = optionsOf(new FormData(event.currentTarget), from);
      const job = { ...options, name, type: work.type, payload: work.payload() };
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
        <WorkFields work={work} failed={setError}>
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
        </WorkFields>
        <MoreOptions from={from} />
        <EstimateLine name={name} type={work.type} />
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

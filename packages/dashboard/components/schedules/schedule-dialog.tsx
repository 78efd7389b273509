'use client';
import type { NewSchedule } from '@ravenmq/client';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import type { Schedule } from '../../lib/wire.ts';
import { MoreOptions, optionsOf } from '../jobs/submit-options.tsx';
import { useWork } from '../jobs/use-work.ts';
import { WorkFields } from '../jobs/work-fields.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Trouble } from '../ui/states.tsx';
import { useToasts } from '../ui/toast.tsx';
import { Policies } from './policies.tsx';
import { Preview } from './preview.tsx';
import { draftOf, type TimingDraft, timingOf } from './timing.ts';
import { TimingFields } from './timing-fields.tsx';
import { useScheduleActions } from './use-schedule-actions.ts';

/** Makes a schedule, or changes the given one. */
export function ScheduleDialog({ close, from }: { close(): void; from?: Schedule }) {
  const { changed } = useScheduleActions();
  const { say } = useToasts();
  const work = useWork(from?.job);
  const [draft, setDraft] = useState<TimingDraft>(() => draftOf(from));
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);

  function scheduleOf(form: FormData): NewSchedule {
    // A change replaces the whole: what the form does not show stays as it was.
    const { size_hint, variant } = from?.job ?? {};
    const kept = { ...(size_hint !== undefined && { size_hint }), ...(variant !== undefined && { variant }) };
    return {
      name: String(form.get('name')),
      ...timingOf(draft),
      job: { ...kept, ...optionsOf(form, from?.job), type: work.type, payload: work.payload() },
      missed: form.get('missed') as Schedule['missed'],
      overlap: form.get('overlap') as Schedule['overlap'],
      paused: from?.paused ?? false,
    };
  }

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setError(undefined);
    try {
      const schedule = scheduleOf(new FormData(event.currentTarget));
      setBusy(true);
      await (from ? api.changeSchedule(from.id, schedule) : api.createSchedule(schedule));
      changed();
      close();
      say({ text: from ? `${schedule.name} is changed.` : `${schedule.name} is made.` });
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog title={from ? `Change ${from.name}` : 'Make a schedule'} close={close}>
      <form onSubmit={(event) => void onSubmit(event)}>
        <div className="fields">
          <label className="field">
            Name
            <input
              name="name"
              defaultValue={from?.name}
              required
              maxLength={64}
              placeholder="nightly-report"
            />
          </label>
          <TimingFields draft={draft} change={(to) => setDraft({ ...draft, ...to })} />
        </div>
        <Preview draft={draft} />
        <WorkFields work={work} failed={setError} />
        <MoreOptions from={from?.job} repeated={<Policies from={from} />} />
        {error && <Trouble error={error} />}
        <div className="dialog-foot">
          <button type="button" onClick={close}>
            Close
          </button>
          <button type="submit" className="primary" disabled={busy}>
            {from ? 'Save' : 'Make'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

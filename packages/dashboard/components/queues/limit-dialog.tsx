'use client';
import { startsIn, type Unit, units } from '../../lib/queue-change.ts';
import type { Queue, QueueChange } from '../../lib/wire.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

interface LimitDialogProps {
  queue: Queue;
  close(): void;
  /** With what differs from the queue as it is. */
  save(change: QueueChange): void;
}

export function LimitDialog({ queue, close, save }: LimitDialogProps) {
  const now = queue.starts_per_second === null ? undefined : startsIn(queue.starts_per_second);
  function onSave(form: FormData) {
    const change = changeOf(form, queue);
    if (Object.keys(change).length > 0) save(change);
  }
  return (
    <FormDialog title={`Limit of ${queue.name}`} close={close} save={onSave}>
      <label className="field wide">
        Jobs that may run at the same time
        <input
          name="limit"
          type="number"
          min="0"
          max="100000"
          placeholder="no limit"
          defaultValue={queue.concurrency ?? ''}
        />
        <span className="hint">Holds over all workers, at once. Empty: no limit.</span>
      </label>
      <label className="field">
        Starts
        <input
          name="starts"
          type="number"
          min="0.000001"
          max="1000000"
          step="any"
          placeholder="any number"
          defaultValue={now?.starts ?? ''}
        />
      </label>
      <label className="field">
        In every
        <select name="unit" defaultValue={now?.unit ?? 'second'}>
          {Object.keys(units).map((unit) => (
            <option key={unit}>{unit}</option>
          ))}
        </select>
      </label>
      <label className="field wide">
        Starts at once
        <input
          name="burst"
          type="number"
          min="1"
          max="1000000"
          step="any"
          placeholder="those of a second"
          defaultValue={queue.burst ?? ''}
        />
        <span className="hint">After a pause so many may start together.</span>
      </label>
    </FormDialog>
  );
}

/** An untouched field changes nothing: what is shown of a rate is rounded. */
function changeOf(form: FormData, queue: Queue): QueueChange {
  const number = (name: string) => {
    const text = String(form.get(name)).trim();
    return text === '' ? null : Number(text);
  };
  const change: QueueChange = {};
  const [concurrency, starts, burst] = [number('limit'), number('starts'), number('burst')];
  if (concurrency !== queue.concurrency) change.concurrency = concurrency;
  const unit = String(form.get('unit')) as Unit;
  const now = queue.starts_per_second === null ? undefined : startsIn(queue.starts_per_second);
  if (starts === null) {
    if (now) change.starts = null;
  } else if (starts !== now?.starts || unit !== now.unit || burst !== queue.burst) {
    change.starts = { starts, per_seconds: units[unit], ...(burst !== null && { burst }) };
  }
  return change;
}

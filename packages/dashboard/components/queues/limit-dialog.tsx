'use client';
import type { FormEvent } from 'react';
import type { Queue } from '../../lib/wire.ts';
import { Dialog } from '../ui/dialog.tsx';

interface LimitDialogProps {
  queue: Queue;
  close(): void;
  /** Null: no limit. */
  save(concurrency: number | null): void;
}

export function LimitDialog({ queue, close, save }: LimitDialogProps) {
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('limit')).trim();
    save(text === '' ? null : Number(text));
    close();
  }
  return (
    <Dialog title={`Limit of ${queue.name}`} className="narrow" close={close}>
      <form onSubmit={onSubmit}>
        <label className="field">
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
        <div className="dialog-foot">
          <button type="button" onClick={close}>
            Close
          </button>
          <button type="submit" className="primary">
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}

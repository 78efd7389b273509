'use client';
import type { FormEvent, ReactNode } from 'react';
import { Dialog } from './dialog.tsx';

interface FormDialogProps {
  title: string;
  close(): void;
  /** With what was entered; the dialog closes by itself. */
  save(form: FormData): void;
  children: ReactNode;
}

/** A narrow dialog of fields that are saved together, or not. */
export function FormDialog({ title, close, save, children }: FormDialogProps) {
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    save(new FormData(event.currentTarget));
    close();
  }
  return (
    <Dialog title={title} className="narrow" close={close}>
      <form onSubmit={onSubmit}>
        <div className="fields">{children}</div>
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

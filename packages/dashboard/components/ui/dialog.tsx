'use client';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon } from './icon.tsx';

interface DialogProps {
  title: string;
  close(): void;
  className?: string;
  /** The title is read out only: the content begins with what it is for. */
  bare?: boolean;
  children: ReactNode;
}

/** A modal dialog while it is mounted; Escape and a click beside it close it. */
export function Dialog({ title, close, className, bare = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Where a person goes on: the first field, or the button that changes nothing.
    element?.querySelector<HTMLElement>('input, select, textarea, .dialog-foot button')?.focus();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes a modal dialog on Escape
    <dialog
      ref={dialog}
      className={className}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      {bare ? (
        <h2 id={heading} className="hidden">
          {title}
        </h2>
      ) : (
        <div className="dialog-head">
          <h2 id={heading}>{title}</h2>
          <button type="button" className="plain icon small" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </div>
      )}
      {bare ? children : <div className="dialog-body">{children}</div>}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  danger?: boolean;
  confirm(): void;
  close(): void;
}

export function Confirm({ title, text, action, danger = false, confirm, close }: ConfirmProps) {
  return (
    <Dialog title={title} close={close} className="narrow">
      <p>{text}</p>
      <div className="dialog-foot">
        <button type="button" onClick={close}>
          Not now
        </button>
        <button
          type="button"
          className={danger ? 'danger' : 'primary'}
          onClick={() => {
            close();
            confirm();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}

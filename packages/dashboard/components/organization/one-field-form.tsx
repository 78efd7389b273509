'use client';
import { type FormEvent, useState } from 'react';
import { Trouble } from '../ui/states.tsx';

interface OneFieldFormProps {
  label: string;
  action: string;
  placeholder?: string;
  hint?: string;
  minLength?: number;
  maxLength: number;
  send(value: string): Promise<unknown>;
}

export function OneFieldForm({
  label,
  action,
  placeholder,
  hint,
  minLength,
  maxLength,
  send,
}: OneFieldFormProps) {
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    setError(undefined);
    try {
      await send(String(new FormData(form).get('value')).trim());
      form.reset();
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <div className="inline-form">
        <label className="field">
          {label}
          <input
            name="value"
            required
            minLength={minLength}
            maxLength={maxLength}
            placeholder={placeholder}
          />
        </label>
        <button type="submit" className="primary" disabled={busy}>
          {action}
        </button>
      </div>
      {hint && <p className="soft small hint-line">{hint}</p>}
      {error && <Trouble error={error} />}
    </form>
  );
}

'use client';
import { type FormEvent, useState } from 'react';
import { api } from '../lib/api.ts';

const examples: Record<string, string> = {
  http: '{ "url": "https://example.org/", "method": "GET" }',
  shell: '{ "argv": ["/bin/echo", "hello"] }',
  other: '{}',
};

/** Submits one job; what the API refuses is said in its words beside the form. */
export function SubmitForm({ submitted }: { submitted(): void }) {
  const [kind, setKind] = useState('http');
  const [payload, setPayload] = useState(examples.http as string);
  const [message, setMessage] = useState<{ text: string; bad: boolean }>();

  function choose(next: string) {
    setKind(next);
    if (Object.values(examples).includes(payload)) setPayload(examples[next] ?? '{}');
  }

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    try {
      const job = await api.submit({
        name: String(fields.get('name')),
        type: kind === 'other' ? String(fields.get('type')) : kind,
        payload: JSON.parse(payload),
      });
      setMessage({ text: `${job.name} submitted.`, bad: false });
      submitted();
    } catch (error) {
      const text =
        error instanceof SyntaxError ? `The payload is not JSON: ${error.message}` : (error as Error).message;
      setMessage({ text, bad: true });
    }
  }

  return (
    <details className="card">
      <summary>Submit a job</summary>
      <form onSubmit={(event) => void onSubmit(event)}>
        <label>
          Name
          <input name="name" required maxLength={64} />
        </label>
        <label>
          Type
          <select value={kind} onChange={(event) => choose(event.target.value)}>
            <option value="http">http</option>
            <option value="shell">shell</option>
            <option value="other">your own</option>
          </select>
        </label>
        {kind === 'other' && (
          <label>
            Your type
            <input name="type" required maxLength={64} pattern="[A-Za-z0-9_.:\/\-]+" />
          </label>
        )}
        <label className="wide">
          Payload
          <textarea
            rows={4}
            spellCheck={false}
            value={payload}
            onChange={(event) => setPayload(event.target.value)}
          />
        </label>
        <button type="submit">Submit</button>
        {message && <output className={message.bad ? 'error' : undefined}>{message.text}</output>}
      </form>
    </details>
  );
}

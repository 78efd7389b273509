'use client';
import { CopyButton } from './copy.tsx';

/** Text or a value as JSON, with a button that copies it. */
export function Block({ title, value, bad = false }: { title: string; value: unknown; bad?: boolean }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <section className="card">
      <div className="card-head">
        <h2>{title}</h2>
        <CopyButton text={text} label={`Copy the ${title.toLowerCase()}`} />
      </div>
      <div className="card-body">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard */}
        <pre className={bad ? 'block bad' : 'block'} tabIndex={0}>
          {text}
        </pre>
      </div>
    </section>
  );
}

import type { ReactNode } from 'react';

interface StatProps {
  name: string;
  value: ReactNode;
  unit?: string | undefined;
  note?: ReactNode;
  extra?: ReactNode;
}

/** One number of a strip; its height does not depend on what is known yet. */
export function Stat({ name, value, unit, note, extra }: StatProps) {
  return (
    <div className="stat">
      <dt>{name}</dt>
      <dd className="value">
        {value}
        {unit && <small> {unit}</small>}
      </dd>
      <dd className="note">{note ?? '\u00a0'}</dd>
      {extra && <dd className="spark">{extra}</dd>}
    </div>
  );
}

export function Stats({ children }: { children: ReactNode }) {
  return <dl className="card stats">{children}</dl>;
}

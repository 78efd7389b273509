import type { ReactNode } from 'react';

interface CardProps {
  title: string;
  /** To the right of the title. */
  aside?: ReactNode;
  /** The content has margins of its own. */
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, aside, flush = false, children }: CardProps) {
  return (
    <section className="card">
      <div className="card-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {flush ? children : <div className="card-body">{children}</div>}
    </section>
  );
}

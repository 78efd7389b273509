'use client';
import { type ReactNode, useEffect } from 'react';

interface PageHeadProps {
  title: string;
  lead?: string;
  children?: ReactNode;
}

/** The heading of a page with what can be done there; names the browser's tab too. */
export function PageHead({ title, lead, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · RavenMQ`;
  }, [title]);
  return (
    <div className="page-head">
      <h1 className="truncate">{title}</h1>
      {children && <div className="actions">{children}</div>}
      {lead && <p className="lead">{lead}</p>}
    </div>
  );
}

'use client';
/** What stands in the place of content that is not there: still coming, nothing yet, something wrong. */
import type { ReactNode } from 'react';
import type { ApiError } from '../../lib/request.ts';
import { Command, CopyButton } from './copy.tsx';
import { Icon } from './icon.tsx';

/** Its height in pixels, or the class that has it: the policy allows no style attribute in a page's own text. */
export function Skeleton({ height }: { height: number | 'line' | 'strip' | 'page' }) {
  const named = typeof height === 'string';
  return (
    <div
      className={named ? `skeleton ${height}` : 'skeleton'}
      style={named ? undefined : { height }}
      role="status"
    >
      <span className="hidden">Loading</span>
    </div>
  );
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
  command?: string;
}

/** Nothing yet, and how that changes. */
export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div className="empty">
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {command && <Command text={command} />}
    </div>
  );
}

/** What went wrong, under which request, and another try. */
export function Trouble({ error, again }: { error: Error; again?(): void }) {
  const { requestId } = error as Partial<ApiError>;
  return (
    <div className="trouble" role="alert">
      <Icon name="warn" />
      <div className="grow">
        <p>{error.message}</p>
        {requestId && (
          <p className="row small soft">
            Request <code>{requestId}</code>
            <CopyButton text={requestId} label="Copy the request id" />
          </p>
        )}
      </div>
      {again && (
        <button type="button" className="small" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  refetch(): unknown;
}

/** The content of a query: a skeleton of its height first, trouble if there is nothing to show, else what `children` makes of it. */
export function Loaded<T>({
  of,
  height,
  children,
}: {
  of: Asked<T>;
  height: number;
  children(data: T): ReactNode;
}) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <Trouble error={of.error} again={() => void of.refetch()} />;
  return <Skeleton height={height} />;
}

'use client';
import { clock, relative } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';

/** How long ago, growing; the exact time on hover. */
export function Ago({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <>–</>;
  return (
    <time dateTime={at} title={clock(at)}>
      {relative(at, now)}
    </time>
  );
}

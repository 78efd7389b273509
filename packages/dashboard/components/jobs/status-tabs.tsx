'use client';
import { useRouter } from 'next/navigation';
import { count } from '../../lib/format.ts';
import { useLive } from '../../lib/live.tsx';
import { addressOf, type Filter } from '../../lib/search.ts';
import { type Status, statuses } from '../../lib/wire.ts';

/** The states, with how many jobs are in those that are counted at every moment. */
export function StatusTabs({ filter }: { filter: Filter }) {
  const router = useRouter();
  const { snapshot } = useLive();
  const counts: Partial<Record<Status, number>> = snapshot
    ? { queued: snapshot.queued, running: snapshot.running, scheduled: snapshot.scheduled }
    : {};
  const { status: now, ...others } = filter;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as part of a form
    <div className="tabs" role="group" aria-label="Status">
      {([undefined, ...statuses] as const).map((status) => (
        <button
          key={status ?? 'all'}
          type="button"
          aria-pressed={now === status}
          onClick={() =>
            router.replace(addressOf(status ? { ...others, status } : others), { scroll: false })
          }
        >
          {status ?? 'all'}
          {status && counts[status] ? <span className="count">{count(counts[status])}</span> : null}
        </button>
      ))}
    </div>
  );
}

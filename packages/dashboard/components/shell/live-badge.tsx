'use client';
import { useLive } from '../../lib/live.tsx';
import { useNow } from '../../lib/use-now.ts';

const words = { live: 'Live', connecting: 'Connecting', lost: 'Reconnecting', paused: 'Paused' };

/** Whether what is shown moves; a click pauses it. */
export function LiveBadge() {
  const { state, togglePause } = useLive();
  return (
    <button
      type="button"
      className="live"
      data-state={state}
      aria-pressed={state === 'paused'}
      title="Pause or resume live updates"
      onClick={togglePause}
    >
      {words[state]}
      <kbd>p</kbd>
    </button>
  );
}

/** Pages stay as they were while the server is away; this says since when. */
const patienceMs = 6_000;

export function StaleBanner() {
  const { state, heardAt } = useLive();
  const now = useNow();
  const age = now - heardAt;
  if (state !== 'lost' || heardAt === 0 || age < patienceMs) return null;
  return (
    <div className="stale" role="status">
      Last update {Math.round(age / 1_000)} s ago, reconnecting …
    </div>
  );
}

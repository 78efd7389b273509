import { inWords, type When as Timing } from '../../lib/schedule-words.ts';

/** In plain words, or the pattern; on which clock, unless an interval, which knows none. */
export function When({ of }: { of: Timing & { timezone: string } }) {
  const words = inWords(of);
  return (
    <span title={of.cron ?? undefined}>
      {words ?? <code>{of.cron}</code>} {of.cron !== null && <span className="soft">{of.timezone}</span>}
    </span>
  );
}

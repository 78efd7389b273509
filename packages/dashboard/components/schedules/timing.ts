import { inUnit, type Unit, units } from '../../lib/schedule-words.ts';
import type { Schedule } from '../../lib/wire.ts';

/** When a schedule fires while it is being filled in. */
export interface TimingDraft {
  way: 'cron' | 'interval';
  cron: string;
  timezone: string;
  every: string;
  unit: Unit;
}

export function draftOf(from?: Schedule): TimingDraft {
  const { n, unit } = inUnit(from?.every_ms ?? 15 * units.minutes);
  return {
    way: from && from.cron === null ? 'interval' : 'cron',
    cron: from?.cron ?? '30 2 * * *',
    timezone: from && from.cron !== null ? from.timezone : ownZone(),
    every: String(n),
    unit,
  };
}

/** As the API takes it. */
export function timingOf({ way, cron, timezone, every, unit }: TimingDraft) {
  return way === 'cron'
    ? { cron: cron.trim(), timezone: timezone.trim() }
    : { every_ms: Math.round(Number(every) * units[unit]) };
}

/** As the preview takes it; undefined while nothing is filled in. */
export function queryOf(draft: TimingDraft): URLSearchParams | undefined {
  const { cron, every_ms, timezone } = { cron: '', every_ms: 0, timezone: undefined, ...timingOf(draft) };
  if (cron) return new URLSearchParams({ cron, ...(timezone && { timezone }) });
  return every_ms ? new URLSearchParams({ every_ms: String(every_ms) }) : undefined;
}

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
export const zones = () => Intl.supportedValuesOf('timeZone');

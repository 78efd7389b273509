/** `850ms`, `4.2s`, `3m 20s`, `2h 5m`, `3d 4h`; a dash for nothing. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
  if (ms === 0) return '0s';
  if (ms < 10) return `${ms.toFixed(1)}ms`;
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** As `duration`, without the smaller unit where that is zero: for the marks of an axis. */
export function roundDuration(ms: number): string {
  return duration(ms)
    .replace(/^(\d+)\.0(m?s)$/, '$1$2')
    .replace(/ 0[smh]$/, '');
}

/** Milliseconds between two instants; null while one is missing. */
export function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

export function clock(instant: string | null): string {
  return instant === null ? '–' : new Date(instant).toLocaleString();
}

/** An instant with its weekday on the clock of a zone, the reader's by default; seconds where they are not zero. */
export function clockOf(timezone: string | undefined, instant: string): string {
  const at = new Date(instant);
  return new Intl.DateTimeFormat(undefined, {
    timeZone: timezone,
    ...{ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
    ...(at.getTime() % 60_000 === 0 ? {} : { second: '2-digit' }),
    timeZoneName: 'short',
  }).format(at);
}

/** `now`, `12s ago`, `5m ago`, `3h ago`, `2d ago`; `in 5m` for what is to come. */
export function relative(instant: string | null, now: number): string {
  if (instant === null) return '–';
  const seconds = Math.round((now - Date.parse(instant)) / 1_000);
  const span = shortSpan(Math.abs(seconds));
  // The server's clock may be a little ahead of this one.
  if (seconds <= 0 && seconds > -3) return 'now';
  return seconds < 0 ? `in ${span}` : `${span} ago`;
}

function shortSpan(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return '–';
  return share === 1 ? '100 %' : `${(share * 100).toFixed(1)} %`;
}

export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? '–' : n.toLocaleString('en').replaceAll(',', '\u202f');
}

/** `3 jobs`, `1 job`. */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}

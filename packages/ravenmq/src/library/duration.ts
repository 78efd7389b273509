/** Milliseconds, or a number with a unit: `500ms`, `30s`, `15m`, `2h`, `1d`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Throws on anything that is not a positive duration. */
export function toMs(duration: Duration): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration));
  const ms =
    typeof duration === 'number' ? duration : match ? Number(match[1]) * (units[match[2] as string] ?? 0) : 0;
  if (Number.isFinite(ms) && ms > 0) return Math.round(ms);
  throw new Error(`Duration ${JSON.stringify(duration)}: milliseconds, or a number with ms, s, m, h or d.`);
}

/** The answer in plain sentences. */
import { spoken } from '../plan/range.ts';
import type { Capacity, Row } from './question.ts';

export function mainSentence(order: string, rows: Row[]): string {
  const of = (policy: string) => rows.find((row) => row.policy === policy)?.mean_wait_ms ?? 0;
  const [fifo, own, best] = [of('fifo'), of(order), of('clairvoyant')];
  if (fifo < 1) return 'Nobody would have waited: there were slots enough for everyone.';
  const less = (ms: number) => {
    const percent = Math.round((100 * (fifo - ms)) / fifo);
    return percent >= 0 ? `${percent} % less` : `${-percent} % more`;
  };
  if (order === 'fifo')
    return `First come, first served waits ${spoken(fifo)} in the mean; the clairvoyant order would wait ${less(best)}.`;
  return `In the order ${order} jobs wait ${less(own)} than first come, first served (${spoken(own)} instead of ${spoken(fifo)} in the mean); the clairvoyant order would wait ${less(best)}.`;
}

export function capacitySentence(of: Omit<Capacity, 'sentence'>, todayMs: number): string {
  const { arrival_scale: scale, slots, p95_wait_ms: p95Ms, slots_to_keep: toKeep } = of;
  if (scale === 1) return `With today's arrivals ${slots} slots keep the p95 wait at ${spoken(p95Ms)}.`;
  const [before, after] = [spoken(todayMs), spoken(p95Ms)];
  const change =
    before === after
      ? `stays at ${after}`
      : `${p95Ms > todayMs ? 'grows' : 'falls'} from ${before} to ${after}`;
  const moved = `At ${scale} x the arrivals the p95 wait ${change}`;
  if (toKeep === null) return `${moved}; not even ${4 * slots} slots keep it.`;
  return toKeep === slots ? `${moved}.` : `${moved}; ${toKeep} slots keep it.`;
}

/** Questions about the past: how they are put together and said. */
import type { NewWhatif, Whatif } from './wire.ts';

/** The last that is not fifo is the one the answer speaks of. */
export const comparable = ['fifo', 'priority', 'shortest', 'hrrn', 'adaptive'] as const;
export const windows = ['hour', 'day', 'week'] as const;

export const isOpen = ({ status }: Whatif): boolean => status === 'waiting' || status === 'running';

/** What was filled in. Throws with what is wrong where that is no list of numbers. */
export function questionOf(form: FormData): NewWhatif {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  return {
    window: text('window') as (typeof windows)[number],
    policies: form.getAll('policy') as (typeof comparable)[number][],
    slots: numbersOf('Slots', text('slots')),
    arrival_scales: numbersOf('Arrivals', text('scales')),
    ...(form.has('everything') && { scope: 'all' as const }),
  };
}

function numbersOf(field: string, text: string): number[] {
  return text.split(/[\s,]+/).map((word) => {
    const number = word === '' ? Number.NaN : Number(word);
    if (!Number.isFinite(number)) throw new Error(`${field}: “${word}” is not a number.`);
    return number;
  });
}

/** `fifo, adaptive on 4 or 8 slots, × 1 or 1.3 the arrivals`. */
export function questionText({ queue, policies, slots, arrival_scales: scales }: Whatif['asked']): string {
  const parts = [`${policies.join(', ')} on ${slots.join(' or ')} slots`];
  if (scales.some((scale) => scale !== 1)) parts.push(`× ${scales.join(' or ')} the arrivals`);
  if (queue !== undefined) parts.push(`queue ${queue}`);
  return parts.join(', ');
}

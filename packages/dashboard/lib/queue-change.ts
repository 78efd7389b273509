/** Changes of queues: how limits of starts are said, and what takes a change back. */
import type { Queue, QueueChange } from './wire.ts';

/** Seconds of the units that starts are counted in. */
export const units = { second: 1, minute: 60, hour: 3_600 } as const;
export type Unit = keyof typeof units;

/** The shortest unit in which there is at least one start. */
export function startsIn(perSecond: number): { starts: number; unit: Unit } {
  const unit: Unit = perSecond >= 1 ? 'second' : perSecond * units.minute >= 1 ? 'minute' : 'hour';
  return { starts: Number((perSecond * units[unit]).toPrecision(6)), unit };
}

/** `5 running, 100/minute`; `none` without any. */
export function limitText({ concurrency, starts_per_second: perSecond }: Queue): string {
  const parts: string[] = [];
  if (concurrency !== null) parts.push(perSecond === null ? String(concurrency) : `${concurrency} running`);
  if (perSecond !== null) {
    const { starts, unit } = startsIn(perSecond);
    parts.push(`${starts}/${unit}`);
  }
  return parts.join(', ') || 'none';
}

/** The parts of a queue that a change touches, as they are now. */
export function undoOf(queue: Queue, change: QueueChange): QueueChange {
  const now: Required<QueueChange> = {
    paused: queue.paused,
    policy: queue.policy,
    promise_ms: queue.promise_ms,
    concurrency: queue.concurrency,
    starts:
      queue.starts_per_second === null
        ? null
        : {
            starts: queue.starts_per_second,
            per_seconds: 1,
            ...(queue.burst !== null && { burst: queue.burst }),
          },
  };
  return Object.fromEntries(Object.entries(now).filter(([part]) => part in change));
}

'use client';
import { api } from '../lib/api.ts';
import { duration, percent } from '../lib/format.ts';
import { usePoll } from '../lib/use-poll.ts';

/** The numbers above the job list. */
export function SummaryStrip() {
  const { value } = usePoll(api.summary, 3_000);
  const counts = value?.counts;
  const tiles: [string, string][] = [
    ['Waiting', count(counts?.total_queued)],
    ['Running', count(counts?.total_running)],
    ['Scheduled', count(counts?.total_scheduled)],
    ['Done', count(counts?.total_done)],
    ['Failed', count(counts?.total_failed)],
    ['Success', counts ? percent(counts.success_rate) : '–'],
    ['p95 wait', duration(value?.queue_health.p95_queue_wait_ms)],
  ];
  return (
    <dl className="tiles">
      {tiles.map(([name, number]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{number}</dd>
        </div>
      ))}
    </dl>
  );
}

const count = (n: number | undefined) => (n === undefined ? '–' : n.toLocaleString());

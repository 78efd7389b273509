'use client';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { useEvery } from '../../lib/queries.ts';
import type { Job } from '../../lib/wire.ts';
import { Card } from '../ui/card.tsx';
import { CopyButton } from '../ui/copy.tsx';

/** What the job wrote while it ran; nothing when it wrote nothing. */
export function Log({ job }: { job: Job }) {
  const every = useEvery(1_500);
  const log = useQuery({
    queryKey: ['job', job.id, 'logs', job.status],
    queryFn: () => api.logs(job.id),
    refetchInterval: job.status === 'running' ? every : false,
    placeholderData: (before) => before,
    retry: false,
  });
  const lines = log.data ?? [];
  if (lines.length === 0) return null;
  return (
    <Card
      title="Log"
      aside={<CopyButton text={lines.map(({ message }) => message).join('\n')} label="Copy the log" />}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard */}
      <pre className="block log" tabIndex={0}>
        {lines.map(({ seq, at, level, message }) => (
          <span key={seq} data-level={level}>
            <span className="soft">{new Date(at).toLocaleTimeString(undefined, { hour12: false })} </span>
            {message}
            {'\n'}
          </span>
        ))}
      </pre>
    </Card>
  );
}

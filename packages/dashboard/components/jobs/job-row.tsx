'use client';
import Link from 'next/link';
import { memo } from 'react';
import { between, duration } from '../../lib/format.ts';
import type { Job } from '../../lib/wire.ts';
import { Icon } from '../ui/icon.tsx';
import { StatusWord } from '../ui/status.tsx';
import { Ago } from '../ui/time.tsx';
import { mayCancel, mayRetry } from './use-job-actions.ts';

interface JobRowProps {
  job: Job;
  /** Its place in the whole list, from 1 on; the table head is 1. */
  place: number;
  selected: boolean;
  cursor: boolean;
  select(id: string, selected: boolean, range: boolean): void;
  cancel(job: Job): void;
  retry(job: Job): void;
}

export const JobRow = memo(function JobRow(props: JobRowProps) {
  const { job, place, selected, cursor, select, cancel, retry } = props;
  return (
    <tr data-selected={selected || undefined} data-cursor={cursor || undefined} aria-rowindex={place + 1}>
      <td>
        <input
          type="checkbox"
          aria-label={`Select ${job.name}`}
          checked={selected}
          onChange={() => undefined}
          onClick={(event) => select(job.id, !selected, event.shiftKey)}
        />
      </td>
      <td>
        <StatusWord status={job.status}>{job.cancel_requested ? 'stopping' : job.status}</StatusWord>
      </td>
      <td className="name">
        <Link href={`/job/?id=${job.id}`} prefetch={false}>
          {job.name}
        </Link>
        {job.status === 'failed' && job.error_msg && (
          <span className="reason wide-only">{job.error_msg.split('\n', 1)[0]}</span>
        )}
      </td>
      <td className="soft wide-only">{job.type}</td>
      <td className="soft wide-only">{job.queue}</td>
      <td className="number soft wide-only">{duration(job.predicted_runtime_ms)}</td>
      <td className="number wide-only">{duration(between(job.created_at, job.started_at))}</td>
      <td className="number wide-only">{duration(job.runtime_ms)}</td>
      <td className="number soft">
        <Ago at={job.created_at} />
      </td>
      <td className="end wide-only">
        {mayRetry(job) && (
          <button type="button" className="plain small" onClick={() => retry(job)}>
            <Icon name="retry" size={14} /> Retry
          </button>
        )}
        {mayCancel(job) && (
          <button type="button" className="plain small" onClick={() => cancel(job)}>
            Cancel
          </button>
        )}
      </td>
    </tr>
  );
});

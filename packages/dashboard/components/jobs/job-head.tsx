'use client';
import Link from 'next/link';
import { useState } from 'react';
import { useKeys } from '../../lib/use-keys.ts';
import type { Job } from '../../lib/wire.ts';
import { Icon } from '../ui/icon.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { StatusWord } from '../ui/status.tsx';
import { SubmitDialog } from './submit-dialog.tsx';
import { likeIt, mayCancel, mayRetry, useJobActions } from './use-job-actions.ts';

/** How far the job says it is. */
function Progress({ share, note }: { share: number; note: string | null }) {
  return (
    <div className="progress">
      <span className="small">
        {Math.round(share * 100)} % <span className="soft">{note}</span>
      </span>
      <span className="meter" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </div>
  );
}

/** Name and state of a job, and what may be done with it. */
export function JobHead({ job }: { job: Job }) {
  const { cancel, retry } = useJobActions();
  const [cloning, setCloning] = useState(false);
  useKeys({
    c: () => mayCancel(job) && void cancel(job),
    r: () => mayRetry(job) && void retry(job),
  });
  return (
    <>
      <PageHead title={job.name}>
        {mayRetry(job) && (
          <button type="button" className="primary" onClick={() => void retry(job)}>
            <Icon name="retry" /> Retry
          </button>
        )}
        {mayCancel(job) && (
          <button type="button" onClick={() => void cancel(job)}>
            <Icon name="cancel" /> Cancel
          </button>
        )}
        <button type="button" onClick={() => setCloning(true)}>
          <Icon name="clone" /> Clone
        </button>
      </PageHead>
      <p className="row wrap job-line">
        <StatusWord status={job.status}>{job.cancel_requested ? 'stopping' : job.status}</StatusWord>
        <span className="tag">{job.type}</span>
        <Link className="tag" href={`/queue/?name=${encodeURIComponent(job.queue)}`} prefetch={false}>
          queue {job.queue}
        </Link>
        {Object.entries(job.labels).map(([key, value]) => (
          <span key={key} className="tag">
            {key}={value}
          </span>
        ))}
      </p>
      {job.status === 'running' && job.progress && <Progress {...job.progress} />}
      {cloning && <SubmitDialog from={likeIt(job)} close={() => setCloning(false)} />}
    </>
  );
}

'use client';
import { useSearchParams } from 'next/navigation';
import { Suspense, useCallback } from 'react';
import { JobActions } from '../../components/job-actions.tsx';
import { Shell } from '../../components/shell.tsx';
import { StatusWord } from '../../components/status-word.tsx';
import { api, type Job } from '../../lib/api.ts';
import { between, clock, duration } from '../../lib/format.ts';
import { usePoll } from '../../lib/use-poll.ts';

export default function JobPage() {
  return (
    <Shell title="Job">
      <Suspense>
        <JobById />
      </Suspense>
    </Shell>
  );
}

/** Ids are part of the path we ask for; anything else would ask for something else than a job. */
const idForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function JobById() {
  const id = useSearchParams().get('id') ?? '';
  if (!idForm.test(id)) return <p className="notice error">The address names no job.</p>;
  return <LiveJob key={id} id={id} />;
}

function LiveJob({ id }: { id: string }) {
  const { value, error, refresh } = usePoll(
    useCallback(() => api.job(id), [id]),
    2_000,
  );
  if (error && !value) return <p className="notice error">{error.message}</p>;
  if (!value) return <p className="notice">Loading …</p>;
  return <JobDetail job={value} changed={refresh} />;
}

function JobDetail({ job, changed }: { job: Job; changed(): void }) {
  const facts: [string, string][] = [
    ['Type', job.type],
    ['Queue', job.queue],
    ['Priority', job.priority.toFixed(3)],
    ['Predicted', duration(job.predicted_runtime_ms)],
    ['Ran', duration(job.runtime_ms)],
    ['Waited', duration(between(job.created_at, job.started_at))],
    ['Retries', `${job.retry_count} of ${job.max_retries}`],
    ['Worker', job.worker_id ?? '–'],
    ['Created', clock(job.created_at)],
    ['Scheduled for', clock(job.run_at)],
    ['Started', clock(job.started_at)],
    ['Finished', clock(job.finished_at)],
  ];
  return (
    <>
      <p>
        <strong>{job.name}</strong> <StatusWord status={job.status} />{' '}
        <JobActions job={job} changed={changed} />
      </p>
      <dl className="facts">
        {facts.map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
      </dl>
      {job.error_msg && (
        <>
          <h2>Error</h2>
          <pre className="error">{job.error_msg}</pre>
        </>
      )}
      <h2>Payload</h2>
      <pre>{JSON.stringify(job.payload, null, 2)}</pre>
      {job.result !== null && (
        <>
          <h2>Result</h2>
          <pre>{JSON.stringify(job.result, null, 2)}</pre>
        </>
      )}
    </>
  );
}

'use client';
import { useState } from 'react';
import { api, type Job } from '../lib/api.ts';

/** What may be done with a job in its state. */
export function JobActions({ job, changed }: { job: Job; changed(): void }) {
  const [error, setError] = useState<string>();
  const act = async (work: (id: string) => Promise<Job>) => {
    try {
      await work(job.id);
      setError(undefined);
      changed();
    } catch (failure) {
      setError((failure as Error).message);
    }
  };
  const live = job.status === 'scheduled' || job.status === 'queued' || job.status === 'running';
  return (
    <>
      {live && (
        <button type="button" disabled={job.cancel_requested} onClick={() => void act(api.cancel)}>
          {job.cancel_requested ? 'Stopping' : 'Cancel'}
        </button>
      )}
      {job.status === 'failed' && (
        <button type="button" onClick={() => void act(api.retry)}>
          Retry
        </button>
      )}
      {error && <output className="error">{error}</output>}
    </>
  );
}

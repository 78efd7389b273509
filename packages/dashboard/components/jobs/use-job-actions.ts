'use client';
import type { NewJob } from '@ravenmq/client';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api } from '../../lib/api.ts';
import type { Job } from '../../lib/wire.ts';
import { useToasts } from '../ui/toast.tsx';

export const mayCancel = ({ status, cancel_requested }: Job): boolean =>
  (status === 'scheduled' || status === 'queued' || status === 'running') && !cancel_requested;
export const mayRetry = ({ status }: Job): boolean => status === 'failed';

/** A submission like the one that made the job, to run at once. */
export function likeIt(job: Job): NewJob {
  return {
    name: job.name,
    type: job.type,
    payload: job.payload,
    queue: job.queue,
    weight: job.weight,
    max_retries: job.max_retries,
    labels: job.labels,
    ...(job.timeout_ms !== null && { timeout_ms: job.timeout_ms }),
    ...(job.concurrency_key !== null && { concurrency_key: job.concurrency_key }),
  };
}

/** What may be done with one job; each says what it did and how that is taken back. */
export function useJobActions() {
  const queries = useQueryClient();
  const { say, attempt } = useToasts();

  const changed = useCallback(() => {
    for (const key of ['jobs', 'job', 'recent', 'count', 'summary']) {
      void queries.invalidateQueries({ queryKey: [key] });
    }
  }, [queries]);

  return useMemo(() => {
    const submit = (job: NewJob) =>
      attempt(async () => {
        const made = await api.submit(job);
        changed();
        return made;
      });
    const cancel = (job: Job) =>
      attempt(async () => {
        const after = await api.cancel(job.id);
        changed();
        if (after.status !== 'cancelled') {
          say({ text: `${job.name} is asked to stop.` });
          return;
        }
        const again = () => void submit(likeIt(job));
        say({ text: `${job.name} is cancelled.`, action: { label: 'Submit again', run: again } });
      });
    const retry = (job: Job) =>
      attempt(async () => {
        await api.retry(job.id);
        changed();
        const undo = () =>
          void attempt(async () => {
            await api.cancel(job.id);
            changed();
          });
        say({ text: `${job.name} is back in its queue.`, action: { label: 'Undo', run: undo } });
      });
    return { submit, cancel, retry, changed };
  }, [attempt, say, changed]);
}

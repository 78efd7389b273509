'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { api } from '../../lib/api.ts';
import type { Schedule } from '../../lib/wire.ts';
import { useToasts } from '../ui/toast.tsx';

/** What may be done with one schedule; each says what it did, and how that is taken back where it can be. */
export function useScheduleActions() {
  const queries = useQueryClient();
  const router = useRouter();
  const { say, attempt } = useToasts();

  const changed = useCallback(() => {
    for (const key of ['schedules', 'schedule', 'jobs', 'recent']) {
      void queries.invalidateQueries({ queryKey: [key] });
    }
  }, [queries]);

  return useMemo(() => {
    const setPaused = (schedule: Schedule, paused: boolean) =>
      attempt(async () => {
        await api.pauseSchedule(schedule.id, paused);
        changed();
        const undo = () =>
          void attempt(async () => {
            await api.pauseSchedule(schedule.id, !paused);
            changed();
          });
        say({
          text: paused
            ? `${schedule.name} is paused: what it submitted goes on.`
            : `${schedule.name} fires again, from now on.`,
          action: { label: 'Undo', run: undo },
        });
      });
    const run = (schedule: Schedule) =>
      attempt(async () => {
        const { job_id: job } = await api.runSchedule(schedule.id);
        changed();
        say({
          text: `The job of ${schedule.name} is submitted.`,
          ...(job && { action: { label: 'Open', run: () => router.push(`/job/?id=${job}`) } }),
        });
      });
    const remove = (schedule: Schedule) =>
      attempt(async () => {
        await api.deleteSchedule(schedule.id);
        router.push('/schedules/');
        changed();
        say({ text: `${schedule.name} is deleted. Its jobs stay.` });
      });
    return { setPaused, run, remove, changed };
  }, [attempt, say, changed, router]);
}

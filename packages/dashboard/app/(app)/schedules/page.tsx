'use client';
import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { ScheduleDialog } from '../../../components/schedules/schedule-dialog.tsx';
import { ScheduleTable } from '../../../components/schedules/schedule-table.tsx';
import { Icon } from '../../../components/ui/icon.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Empty, Loaded, Skeleton } from '../../../components/ui/states.tsx';
import { api } from '../../../lib/api.ts';
import { useEvery } from '../../../lib/queries.ts';

export default function SchedulesPage() {
  return (
    <Suspense fallback={<Skeleton height={300} />}>
      <Schedules />
    </Suspense>
  );
}

const teaching = `ravenmq schedule create nightly --cron "30 2 * * *" --timezone Europe/Zurich --type shell --data '{"argv":["/bin/echo","hello"]}'`;

function Schedules() {
  const router = useRouter();
  const making = useSearchParams().has('new');
  const schedules = useQuery({
    queryKey: ['schedules'],
    queryFn: api.schedules,
    refetchInterval: useEvery(3_000),
  });
  return (
    <>
      <PageHead title="Schedules" lead="Jobs that are submitted again and again.">
        <button
          type="button"
          className="primary"
          onClick={() => router.replace('/schedules/?new=1', { scroll: false })}
        >
          <Icon name="plus" /> Make a schedule
        </button>
      </PageHead>
      <section className="card">
        <Loaded of={schedules} height={300}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No schedules yet" command={teaching}>
                A schedule submits its job at the times of a cron pattern or at an interval. Make one here, or
                on the command line:
              </Empty>
            ) : (
              <ScheduleTable schedules={rows} />
            )
          }
        </Loaded>
      </section>
      {making && <ScheduleDialog close={() => router.replace('/schedules/', { scroll: false })} />}
    </>
  );
}

'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { FireTable } from '../../../components/schedules/fire-table.tsx';
import { NextRuns } from '../../../components/schedules/next-runs.tsx';
import { missedMeaning, overlapMeaning } from '../../../components/schedules/policies.tsx';
import { ScheduleHead } from '../../../components/schedules/schedule-head.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { Icon } from '../../../components/ui/icon.tsx';
import { Block } from '../../../components/ui/json.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Pairs } from '../../../components/ui/pairs.tsx';
import { Empty, Loaded, Skeleton } from '../../../components/ui/states.tsx';
import { api } from '../../../lib/api.ts';
import { useEvery } from '../../../lib/queries.ts';
import { isJobId } from '../../../lib/search.ts';
import type { Schedule } from '../../../lib/wire.ts';

export default function SchedulePage() {
  return (
    <>
      <p className="back">
        <Link href="/schedules/" prefetch={false}>
          <Icon name="back" size={14} /> Schedules
        </Link>
      </p>
      <Suspense fallback={<Skeleton height={600} />}>
        <ScheduleById />
      </Suspense>
    </>
  );
}

function ScheduleById() {
  const id = useSearchParams().get('id') ?? '';
  // Schedules have ids of the form that jobs have.
  if (!isJobId(id)) {
    return (
      <>
        <PageHead title="Schedule" />
        <section className="card">
          <Empty title="The address names no schedule">
            An id follows `?id=`, as in the links of the list.
          </Empty>
        </section>
      </>
    );
  }
  return <LiveSchedule key={id} id={id} />;
}

function LiveSchedule({ id }: { id: string }) {
  const refetchInterval = useEvery(3_000);
  // Both at once, or what comes later would push down what is being read.
  const schedule = useQuery({
    queryKey: ['schedule', id],
    queryFn: async () => {
      const [data, fires] = await Promise.all([api.schedule(id), api.fires(id)]);
      return { data, fires };
    },
    refetchInterval,
  });
  return (
    <Loaded of={schedule} height={600}>
      {({ data, fires }) => (
        <>
          <ScheduleHead schedule={data} />
          <div className="columns">
            <div className="stack">
              <Card title="Fires" aside={<span className="soft small">kept for 30 days</span>} flush>
                {fires.length === 0 ? (
                  <Empty title="Not fired yet">
                    What is decided of every fire time comes here, with the job that came of it.
                  </Empty>
                ) : (
                  <FireTable fires={fires} />
                )}
              </Card>
              <Block title="Payload" value={data.job.payload} />
            </div>
            <Facts schedule={data} />
          </div>
        </>
      )}
    </Loaded>
  );
}

function Facts({ schedule }: { schedule: Schedule }) {
  const { cron, next, timezone, paused, job, missed, overlap } = schedule;
  return (
    <div className="stack">
      <Card title="Next runs">
        {paused ? (
          <p className="soft">None while it is paused.</p>
        ) : (
          <NextRuns fires={next} timezone={cron === null ? undefined : timezone} />
        )}
      </Card>
      <Card title="Facts">
        <Pairs
          rows={[
            ['Queue', job.queue ?? 'default'],
            ['Of missed runs', missedMeaning[missed]],
            ['While one has not ended', overlapMeaning[overlap]],
            ['Retries', String(job.max_retries ?? 3)],
          ]}
        />
      </Card>
    </div>
  );
}

'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { Forecast, JobFacts, Prediction } from '../../../components/jobs/forecast.tsx';
import { JobHead } from '../../../components/jobs/job-head.tsx';
import { Log } from '../../../components/jobs/log.tsx';
import { Attempts, Timeline } from '../../../components/jobs/timeline.tsx';
import { Icon } from '../../../components/ui/icon.tsx';
import { Block } from '../../../components/ui/json.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Empty, Loaded, Skeleton } from '../../../components/ui/states.tsx';
import { api } from '../../../lib/api.ts';
import { useEvery } from '../../../lib/queries.ts';
import { isJobId } from '../../../lib/search.ts';
import type { Job } from '../../../lib/wire.ts';

export default function JobPage() {
  return (
    <>
      <p className="back">
        <Link href="/jobs/" prefetch={false}>
          <Icon name="back" size={14} /> Jobs
        </Link>
      </p>
      <Suspense fallback={<Skeleton height={600} />}>
        <JobById />
      </Suspense>
    </>
  );
}

function JobById() {
  const id = useSearchParams().get('id') ?? '';
  // Ids are part of the path we ask for; anything else would ask for something else than a job.
  if (!isJobId(id)) {
    return (
      <>
        <PageHead title="Job" />
        <section className="card">
          <Empty title="The address names no job">An id follows `?id=`, as in the links of the list.</Empty>
        </section>
      </>
    );
  }
  return <LiveJob key={id} id={id} />;
}

function LiveJob({ id }: { id: string }) {
  const every = useEvery(3_000);
  const job = useQuery({
    queryKey: ['job', id],
    queryFn: () => api.job(id),
    refetchInterval: ({ state }) => (state.data?.finished_at ? false : every),
  });
  return (
    <Loaded of={job} height={600}>
      {(data) => <JobDetail job={data} />}
    </Loaded>
  );
}

function JobDetail({ job }: { job: Job }) {
  const attempts = useQuery({
    queryKey: ['job', job.id, 'attempts', job.status, job.retry_count],
    queryFn: () => api.attempts(job.id),
    placeholderData: (before) => before,
  });
  // Everything at once, or what comes later would push down what is being read.
  if (attempts.isLoading) return <Skeleton height={600} />;
  return (
    <>
      <JobHead job={job} />
      <div className="columns">
        <div className="stack">
          <Timeline job={job} attempts={attempts.data ?? []} />
          <Log job={job} />
          {job.error_msg && <Block title="Error" value={job.error_msg} bad />}
          {job.result !== null && <Block title="Result" value={job.result} />}
          <Block title="Payload" value={job.payload} />
          <Attempts attempts={attempts.data ?? []} />
        </div>
        <div className="stack">
          <Forecast job={job} />
          <Prediction job={job} />
          <JobFacts job={job} />
        </div>
      </div>
    </>
  );
}

'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useMemo, useState } from 'react';
import { useJobActions } from '../../../components/jobs/use-job-actions.ts';
import { Icon } from '../../../components/ui/icon.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Empty, Loaded } from '../../../components/ui/states.tsx';
import { Ago } from '../../../components/ui/time.tsx';
import { useToasts } from '../../../components/ui/toast.tsx';
import { api } from '../../../lib/api.ts';
import { type FailureGroup, groupFailures } from '../../../lib/fingerprint.ts';
import { counted } from '../../../lib/format.ts';
import { useEvery } from '../../../lib/queries.ts';
import type { Job } from '../../../lib/wire.ts';

const looked = 200;

/** The newest jobs that failed for good, those with the same error together. */
export default function FailuresPage() {
  const failures = useQuery({
    queryKey: ['jobs', 'failures'],
    queryFn: () => api.jobs(new URLSearchParams({ status: 'failed', limit: String(looked) })),
    refetchInterval: useEvery(5_000),
  });
  return (
    <>
      <PageHead title="Failures" lead="Jobs that failed for good after all their retries, grouped by error.">
        <Link className="button" href="/jobs/?status=failed" prefetch={false}>
          <Icon name="jobs" /> As a list
        </Link>
      </PageHead>
      <Loaded of={failures} height={300}>
        {({ jobs, more }) => <Groups jobs={jobs} more={more} />}
      </Loaded>
    </>
  );
}

function Groups({ jobs, more }: { jobs: Job[]; more: boolean }) {
  const groups = useMemo(() => groupFailures(jobs), [jobs]);
  if (groups.length === 0) {
    return (
      <section className="card">
        <Empty title="No failed jobs">A job comes here when its last attempt has failed.</Empty>
      </section>
    );
  }
  return (
    <div className="stack">
      {groups.map((group) => (
        <Group key={group.key} group={group} />
      ))}
      {more && <p className="soft small">Of the newest {looked} failed jobs; older ones are in the list.</p>}
    </div>
  );
}

const shownFirst = 3;

function Group({ group }: { group: FailureGroup }) {
  const { say, attempt } = useToasts();
  const { changed } = useJobActions();
  const [all, setAll] = useState(false);
  const shown = all ? group.jobs : group.jobs.slice(0, shownFirst);

  const retryAll = () =>
    attempt(async () => {
      const ids = group.jobs.map(({ id }) => id);
      const done = await api.inBulk('retry', { ids });
      changed();
      const undo = () =>
        void attempt(async () => {
          await api.inBulk('cancel', { ids });
          changed();
        });
      say({
        text: `${counted(done.changed, 'job')} put back into their queues.`,
        action: { label: 'Undo', run: undo },
      });
    });

  return (
    <section className="card">
      <div className="card-head">
        <h2 className="truncate message" title={group.message}>
          {group.message.split('\n', 1)[0]}
        </h2>
        <span className="tag">{group.type}</span>
        <button type="button" className="small" onClick={() => void retryAll()}>
          <Icon name="retry" size={14} /> Retry {counted(group.jobs.length, 'job')}
        </button>
      </div>
      <table>
        <tbody>
          {shown.map((job) => (
            <tr key={job.id}>
              <td className="name truncate narrow-name">
                <Link href={`/job/?id=${job.id}`} prefetch={false}>
                  {job.name}
                </Link>
              </td>
              <td className="soft wide-only">{job.queue}</td>
              <td className="soft number wide-only">{counted(job.retry_count + 1, 'attempt')}</td>
              <td className="soft number">
                <Ago at={job.finished_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {group.jobs.length > shownFirst && (
        <div className="card-foot">
          <button type="button" className="link small" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${group.jobs.length}`}
          </button>
        </div>
      )}
    </section>
  );
}

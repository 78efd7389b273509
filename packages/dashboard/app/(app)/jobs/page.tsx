'use client';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { BulkBar } from '../../../components/jobs/bulk-bar.tsx';
import { JobTable } from '../../../components/jobs/job-table.tsx';
import { SearchBox } from '../../../components/jobs/search-box.tsx';
import { StatusTabs } from '../../../components/jobs/status-tabs.tsx';
import { SubmitDialog } from '../../../components/jobs/submit-dialog.tsx';
import { useJobs } from '../../../components/jobs/use-jobs.ts';
import { Icon } from '../../../components/ui/icon.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Empty, Skeleton, Trouble } from '../../../components/ui/states.tsx';
import { counted } from '../../../lib/format.ts';
import { addressOf, type Filter, filterOfAddress, searchText } from '../../../lib/search.ts';

export default function JobsPage() {
  return (
    <Suspense fallback={<Skeleton height={600} />}>
      <Jobs />
    </Suspense>
  );
}

/** Further down than this, new jobs wait behind a button instead of moving what is being read. */
const readingPx = 240;
const nothing: ReadonlySet<string> = new Set();

function Jobs() {
  const router = useRouter();
  const params = useSearchParams();
  const address = String(params);
  const filter = useMemo(() => filterOfAddress(new URLSearchParams(address)), [address]);
  const submitting = params.has('new');
  const [selected, setSelected] = useState(nothing);
  const list = useJobs(filter);
  const { hold, more, loadingMore, loadMore } = list;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter finds other jobs
  useEffect(() => setSelected(nothing), [addressOf(filter)]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: hold is made anew with every answer
  useEffect(() => {
    const look = () => hold(window.scrollY > readingPx || selected.size > 0);
    look();
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, [selected.size, list.jobs?.length, address]);
  const reachEnd = useCallback(() => {
    if (more && !loadingMore) loadMore();
  }, [more, loadingMore, loadMore]);

  return (
    <>
      <PageHead title="Jobs">
        <button
          type="button"
          className="primary"
          onClick={() => router.replace(withNew(filter), { scroll: false })}
        >
          <Icon name="plus" /> Submit a job
        </button>
      </PageHead>
      <div className="row search-row">
        <SearchBox filter={filter} />
      </div>
      <StatusTabs filter={filter} />
      {list.arrived > 0 && (
        <div className="pill-new">
          <button
            type="button"
            className="primary"
            onClick={() => {
              setSelected(nothing);
              window.scrollTo({ top: 0 });
            }}
          >
            {counted(list.arrived, 'new job')}
          </button>
        </div>
      )}
      {list.error && !list.jobs && <Trouble error={list.error} again={() => void list.refetch()} />}
      {!list.jobs && !list.error && <Skeleton height={600} />}
      {list.jobs && (
        <section className="card" aria-label="Jobs found">
          {list.jobs.length === 0 ? (
            <Nothing filter={filter} />
          ) : (
            <JobTable jobs={list.jobs} selected={selected} setSelected={setSelected} reachEnd={reachEnd} />
          )}
        </section>
      )}
      {list.jobs && (
        <BulkBar filter={filter} jobs={list.jobs} selected={selected} clear={() => setSelected(nothing)} />
      )}
      {submitting && <SubmitDialog close={() => router.replace(addressOf(filter), { scroll: false })} />}
    </>
  );
}

function withNew(filter: Filter): string {
  const address = addressOf(filter);
  return `${address}${address.includes('?') ? '&' : '?'}new=1`;
}

function Nothing({ filter }: { filter: Filter }) {
  const searched = searchText(filter);
  if (searched === '') {
    return (
      <Empty
        title="No jobs yet"
        command={`curl ${location.origin}/jobs -H "authorization: Bearer $RAVENMQ_KEY" -H "content-type: application/json" -d '{"name":"hello","type":"shell","payload":{"argv":["/bin/echo","hello"]}}'`}
      >
        Submit one here, or from a program with an API key:
      </Empty>
    );
  }
  return <Empty title="No job matches">Nothing was found for “{searched}”. Names are matched whole.</Empty>;
}

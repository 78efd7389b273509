'use client';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense, useCallback, useState } from 'react';
import { JobTable } from '../../components/job-table.tsx';
import { Shell } from '../../components/shell.tsx';
import { SubmitForm } from '../../components/submit-form.tsx';
import { SummaryStrip } from '../../components/summary-strip.tsx';
import { api, statuses } from '../../lib/api.ts';
import { usePoll } from '../../lib/use-poll.ts';

export default function JobsPage() {
  return (
    <Shell title="Jobs">
      <Suspense>
        <Jobs />
      </Suspense>
    </Shell>
  );
}

function Jobs() {
  const router = useRouter();
  const status = useSearchParams().get('status') ?? '';
  const [pages, setPages] = useState(1);
  const path = status === '' ? '/jobs/' : `/jobs/?status=${encodeURIComponent(status)}`;
  // All pages are read together, so that none slips through when new jobs push others down; the more pages, the
  // rarer, so that a long list costs the server no more than a short one.
  const { value, error, refresh } = usePoll(
    useCallback(() => api.jobs(path, pages), [path, pages]),
    2_000 * pages,
  );

  function filterBy(next: string) {
    setPages(1);
    router.replace(next ? `/jobs/?status=${next}` : '/jobs/');
  }

  return (
    <>
      <SummaryStrip />
      <SubmitForm submitted={refresh} />
      <label className="filter">
        Status
        <select value={status} onChange={(event) => filterBy(event.target.value)}>
          <option value="">all</option>
          {statuses.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {error && <p className="notice error">{error.message} Trying again …</p>}
      {value && value.jobs.length === 0 && (
        <p className="notice">No jobs{status && ` that are ${status}`} yet. Submit one above.</p>
      )}
      {value && value.jobs.length > 0 && <JobTable jobs={value.jobs} changed={refresh} />}
      {value?.more && (
        <button type="button" onClick={() => setPages(pages + 1)}>
          Load more
        </button>
      )}
    </>
  );
}

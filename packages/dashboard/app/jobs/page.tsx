'use client';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense, useCallback, useState } from 'react';
import { JobTable } from '../../components/job-table.tsx';
import { Shell } from '../../components/shell.tsx';
import { SubmitForm } from '../../components/submit-form.tsx';
import { SummaryStrip } from '../../components/summary-strip.tsx';
import { api, type Job, statuses } from '../../lib/api.ts';
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
  const path = status === '' ? '/jobs/' : `/jobs/?status=${encodeURIComponent(status)}`;
  const { value, error, refresh } = usePoll(
    useCallback(() => api.jobs(path), [path]),
    2_000,
  );
  return (
    <>
      <SummaryStrip />
      <SubmitForm submitted={refresh} />
      <label className="filter">
        Status
        <select
          value={status}
          onChange={(event) =>
            router.replace(event.target.value ? `/jobs/?status=${event.target.value}` : '/jobs/')
          }
        >
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
      {value?.next && <OlderJobs key={path} first={value.next} changed={refresh} />}
    </>
  );
}

/** Pages past the live one: loaded on demand, not refreshed. */
function OlderJobs({ first, changed }: { first: string; changed(): void }) {
  const [pages, setPages] = useState<{ jobs: Job[]; next: string | undefined }>();
  const [error, setError] = useState<string>();
  const next = pages ? pages.next : first;

  async function more() {
    try {
      const page = await api.jobs(next as string);
      setPages({ jobs: [...(pages?.jobs ?? []), ...page.jobs], next: page.next });
      setError(undefined);
    } catch (failure) {
      setError((failure as Error).message);
    }
  }

  return (
    <>
      {pages && <JobTable jobs={pages.jobs} changed={changed} />}
      {next && (
        <button type="button" onClick={() => void more()}>
          Load more
        </button>
      )}
      {error && <p className="notice error">{error}</p>}
    </>
  );
}

'use client';
import { useRouter } from 'next/navigation';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useKeys } from '../../lib/use-keys.ts';
import type { Job } from '../../lib/wire.ts';
import { JobRow } from './job-row.tsx';
import { mayCancel, mayRetry, useJobActions } from './use-job-actions.ts';
import { useRowWindow } from './use-row-window.ts';

const rowHeight = 37;

interface JobTableProps {
  jobs: Job[];
  selected: ReadonlySet<string>;
  setSelected(selected: ReadonlySet<string>): void;
  /** Called when the end comes into sight. */
  reachEnd(): void;
}

/** Jobs as rows, of which only those in sight are drawn; moved through, selected and acted on by keys too. */
export function JobTable({ jobs, selected, setSelected, reachEnd }: JobTableProps) {
  const router = useRouter();
  const { cancel, retry } = useJobActions();
  const body = useRef<HTMLTableSectionElement>(null);
  const [at, setAt] = useState<string>();
  const lastSelected = useRef<string>(undefined);
  const { first, end } = useRowWindow(body, jobs.length, rowHeight);
  const cursor = jobs.findIndex(({ id }) => id === at);

  useEffect(() => {
    if (end >= jobs.length) reachEnd();
  }, [end, jobs.length, reachEnd]);

  const select = useCallback(
    (id: string, on: boolean, range: boolean) => {
      const next = new Set(selected);
      const ids = jobs.map((job) => job.id);
      const [from, to] = [ids.indexOf(lastSelected.current ?? ''), ids.indexOf(id)];
      const between = range && from >= 0 ? ids.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
      for (const each of between) {
        if (on) next.add(each);
        else next.delete(each);
      }
      lastSelected.current = id;
      setSelected(next);
    },
    [jobs, selected, setSelected],
  );

  const moveTo = (n: number) => {
    const place = Math.max(0, Math.min(jobs.length - 1, n));
    setAt(jobs[place]?.id);
    const top = (body.current?.getBoundingClientRect().top ?? 0) + place * rowHeight;
    if (top < 2 * rowHeight) window.scrollBy({ top: top - 3 * rowHeight });
    else if (top > window.innerHeight - 3 * rowHeight) {
      window.scrollBy({ top: top - window.innerHeight + 4 * rowHeight });
    }
  };
  const withJob = (work: (job: Job) => void) => () => {
    const job = jobs[cursor];
    if (job) work(job);
  };
  useKeys({
    j: () => moveTo(cursor + 1),
    k: () => moveTo(cursor - 1),
    x: withJob(({ id }) => select(id, !selected.has(id), false)),
    X: withJob(({ id }) => select(id, true, true)),
    Enter: withJob(({ id }) => router.push(`/job/?id=${id}`)),
    r: withJob((job) => mayRetry(job) && void retry(job)),
    c: withJob((job) => mayCancel(job) && void cancel(job)),
  });

  const all = jobs.length > 0 && jobs.every(({ id }) => selected.has(id));
  return (
    <table className="jobs" aria-rowcount={jobs.length + 1}>
      <thead>
        <tr>
          <th className="c-check">
            <input
              type="checkbox"
              aria-label="Select all that are loaded"
              checked={all}
              onChange={() => setSelected(new Set(all ? [] : jobs.map(({ id }) => id)))}
            />
          </th>
          <th className="c-status">Status</th>
          <th>Name</th>
          <th className="c-type wide-only">Type</th>
          <th className="c-queue wide-only">Queue</th>
          <th className="c-num number wide-only">Predicted</th>
          <th className="c-num number wide-only">Waited</th>
          <th className="c-num number wide-only">Ran</th>
          <th className="c-when number">Created</th>
          <th className="c-act wide-only">
            <span className="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {first > 0 && <Spacer rows={first} />}
        {jobs.slice(first, end).map((job, n) => (
          <JobRow
            key={job.id}
            job={job}
            place={first + n + 1}
            selected={selected.has(job.id)}
            cursor={job.id === at}
            select={select}
            cancel={cancel}
            retry={retry}
          />
        ))}
        {end < jobs.length && <Spacer rows={jobs.length - end} />}
      </tbody>
    </table>
  );
}

function Spacer({ rows }: { rows: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr className="spacer" aria-hidden="true">
      <td style={{ height: rows * rowHeight }} />
    </tr>
  );
}

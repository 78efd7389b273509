'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Empty, Skeleton, Trouble } from '../../../components/ui/states.tsx';
import { Ago } from '../../../components/ui/time.tsx';
import { api } from '../../../lib/api.ts';
import { isJobId } from '../../../lib/search.ts';
import type { AuditEntry } from '../../../lib/wire.ts';

const pageSize = 100;

/** Who changed what. */
export default function AuditPage() {
  const audit = useInfiniteQuery({
    queryKey: ['audit'],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => api.audit(pageParam),
    getNextPageParam: (page) => (page.length === pageSize ? page.at(-1)?.id : undefined),
  });
  const entries = audit.data?.pages.flat();
  return (
    <>
      <PageHead title="Audit" lead="Every change that a person or a key of theirs made." />
      {audit.error && !entries && <Trouble error={audit.error} again={() => void audit.refetch()} />}
      {!entries && !audit.error && <Skeleton height={400} />}
      {entries && (
        <section className="card">
          {entries.length === 0 ? (
            <Empty title="Nothing was changed yet">
              Cancelling, retrying, inviting and the like leave a line here.
            </Empty>
          ) : (
            <AuditTable entries={entries} />
          )}
        </section>
      )}
      {audit.hasNextPage && (
        <p className="more-line">
          <button type="button" onClick={() => void audit.fetchNextPage()}>
            Older entries
          </button>
        </p>
      )}
    </>
  );
}

function AuditTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            <th className="wide-only">Target</th>
            <th className="wide-only">Detail</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className="soft">
                <Ago at={entry.at} />
              </td>
              <td className="name">{entry.actor ?? 'the system'}</td>
              <td>{entry.action}</td>
              <td className="wide-only">
                {entry.action.startsWith('job.') && isJobId(entry.target) ? (
                  <Link href={`/job/?id=${entry.target}`} prefetch={false}>
                    <code>{entry.target}</code>
                  </Link>
                ) : (
                  <code>{entry.target}</code>
                )}
              </td>
              <td className="wide-only soft wraps">{detailOf(entry.detail)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const detailOf = (detail: Record<string, unknown>) =>
  Object.entries(detail)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

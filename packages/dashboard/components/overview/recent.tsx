'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { api } from '../../lib/api.ts';
import { duration } from '../../lib/format.ts';
import { useEvery } from '../../lib/queries.ts';
import { Card } from '../ui/card.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { StatusWord } from '../ui/status.tsx';
import { Ago } from '../ui/time.tsx';

const shown = 8;

/** The newest jobs. */
export function Recent() {
  const recent = useQuery({
    queryKey: ['recent'],
    queryFn: () => api.jobs(new URLSearchParams({ limit: String(shown) })),
    refetchInterval: useEvery(5_000),
  });
  return (
    <Card
      title="Newest jobs"
      flush
      aside={
        <Link href="/jobs/" prefetch={false}>
          All jobs
        </Link>
      }
    >
      <Loaded of={recent} height={shown * 36 + 36}>
        {({ jobs }) =>
          jobs.length === 0 ? (
            <Empty
              title="No jobs yet"
              command={`curl -X POST ${location.origin}/jobs -H "authorization: Bearer $TOKEN" -H "content-type: application/json" -d '{"name": "hello", "type": "http", "payload": {"url": "${location.origin}/health"}}'`}
            >
              Submit one with the button above, or from a program with a key of yours:
            </Empty>
          ) : (
            <table>
              <thead>
                <tr>
                  <th>Status</th>
                  <th>Name</th>
                  <th className="wide-only">Type</th>
                  <th className="number wide-only">Predicted</th>
                  <th className="number">Ran</th>
                  <th className="number">Created</th>
                </tr>
              </thead>
              <tbody>
                {jobs.map((job) => (
                  <tr key={job.id}>
                    <td>
                      <StatusWord status={job.status} />
                    </td>
                    <td className="name truncate narrow-name">
                      <Link href={`/job/?id=${job.id}`} prefetch={false}>
                        {job.name}
                      </Link>
                    </td>
                    <td className="wide-only soft">{job.type}</td>
                    <td className="number wide-only soft">{duration(job.predicted_runtime_ms)}</td>
                    <td className="number">{duration(job.runtime_ms)}</td>
                    <td className="number soft">
                      <Ago at={job.created_at} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Card>
  );
}

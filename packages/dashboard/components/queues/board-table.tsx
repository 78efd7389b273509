'use client';
import Link from 'next/link';
import { clock, duration, relative } from '../../lib/format.ts';
import type { Board } from '../../lib/wire.ts';

/** The next jobs in the order in which they will start. */
export function BoardTable({ jobs, now }: { jobs: Board['jobs']; now: number }) {
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th className="number c-place">No.</th>
            <th>Job</th>
            <th className="number wide-only">Runs for</th>
            <th className="number">Starts</th>
            <th className="number wide-only">Done by</th>
            <th className="wide-only">Held back by</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.position}>
              <td className="number soft">{job.position}</td>
              <td className="name">
                {job.own && job.job_id ? (
                  <Link href={`/job/?id=${job.job_id}`} prefetch={false}>
                    {job.name}
                  </Link>
                ) : (
                  <span className="soft">another organization’s</span>
                )}
              </td>
              <td className="number wide-only">
                {job.predicted ? (
                  <>
                    {duration(job.predicted.p50_ms)}{' '}
                    <span className="soft">({duration(job.predicted.p90_ms)})</span>
                  </>
                ) : (
                  '–'
                )}
              </td>
              <td className="number">
                {job.start ? <span title={clock(job.start.p50)}>{soon(job.start.p50, now)}</span> : '–'}
              </td>
              <td className="number wide-only">
                {job.finish ? (
                  <>
                    {soon(job.finish.p50, now)} <span className="soft">({soon(job.finish.p90, now)})</span>
                  </>
                ) : (
                  '–'
                )}
              </td>
              <td className="wide-only">
                {job.reason && (
                  <span className="tag" title={job.reason.text}>
                    {job.reason.code.toLowerCase().replaceAll('_', ' ')}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A plan is a moment old: what should have started by now starts now. */
function soon(at: string, now: number): string {
  return Date.parse(at) <= now ? 'now' : relative(at, now);
}

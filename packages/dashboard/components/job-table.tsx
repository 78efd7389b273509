'use client';
import Link from 'next/link';
import type { Job } from '../lib/api.ts';
import { between, clock, duration } from '../lib/format.ts';
import { JobActions } from './job-actions.tsx';
import { StatusWord } from './status-word.tsx';

export function JobTable({ jobs, changed }: { jobs: Job[]; changed(): void }) {
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>Status</th>
            <th>Name</th>
            <th>Type</th>
            <th className="number">Predicted</th>
            <th className="number">Waited</th>
            <th className="number">Ran</th>
            <th>Created</th>
            <th>
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <td>
                <StatusWord status={job.status} />
              </td>
              <td>
                <Link href={`/job/?id=${job.id}`} prefetch={false}>
                  {job.name}
                </Link>
              </td>
              <td>{job.type}</td>
              <td className="number">{duration(job.predicted_runtime_ms)}</td>
              <td className="number">{duration(between(job.created_at, job.started_at))}</td>
              <td className="number">{duration(job.runtime_ms)}</td>
              <td>{clock(job.created_at)}</td>
              <td>
                <JobActions job={job} changed={changed} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

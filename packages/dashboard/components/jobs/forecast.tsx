'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { api } from '../../lib/api.ts';
import { clock, duration, relative } from '../../lib/format.ts';
import { useEvery } from '../../lib/queries.ts';
import { useNow } from '../../lib/use-now.ts';
import type { Explanation, Job, Range } from '../../lib/wire.ts';
import { Card } from '../ui/card.tsx';
import { Pairs } from '../ui/pairs.tsx';
import { Skeleton } from '../ui/states.tsx';

/** Why a job waits and when it will start; nothing once it has ended, or where the server does not explain. */
export function Forecast({ job }: { job: Job }) {
  const explained = useQuery({
    queryKey: ['job', job.id, 'explain'],
    queryFn: () => api.explain(job.id),
    refetchInterval: useEvery(2_000),
    enabled: job.finished_at === null,
    retry: false,
  });
  const now = useNow();
  const why = explained.data;
  if (explained.isLoading) return <Skeleton height={240} />;
  if (!why || job.finished_at !== null) return null;
  const rows: [string, string][] = [];
  if (why.position !== null) rows.push(['Position', `${why.position} of ${why.waiting}`]);
  if (why.start) rows.push(['Starts', spanOf(why.start, now)]);
  if (why.finish) rows.push(['Ends', spanOf(why.finish, now)]);
  return (
    <Card title="What happens next">
      <p>{why.sentence}</p>
      {rows.length > 0 && (
        <div className="moments">
          <Pairs rows={rows} />
        </div>
      )}
      {why.neighbours.length > 1 && <Neighbours rows={why.neighbours} now={now} />}
    </Card>
  );
}

function spanOf({ p50, p90 }: Range, now: number): string {
  return `${relative(p50, now)} (90 %: ${relative(p90, now)})`;
}

/** Who is just before and just after it. */
function Neighbours({ rows, now }: { rows: Explanation['neighbours']; now: number }) {
  return (
    <table className="neighbours">
      <thead>
        <tr>
          <th className="number">Position</th>
          <th>Job</th>
          <th className="number">Starts</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.position} data-selected={row.self || undefined}>
            <td className="number">{row.position}</td>
            <td className="name truncate narrow-name">
              {row.self ? (
                'this job'
              ) : row.own && row.job_id ? (
                <Link href={`/job/?id=${row.job_id}`} prefetch={false}>
                  {row.name}
                </Link>
              ) : (
                <span className="soft">of another organization</span>
              )}
            </td>
            <td className="number">{row.start ? relative(row.start.p50, now) : '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What was predicted and what came of it, in one sentence and two bars. */
export function Prediction({ job }: { job: Job }) {
  const { predicted_runtime_ms: predicted, runtime_ms: actual } = job;
  const most = Math.max(predicted, actual ?? 0, 1);
  return (
    <Card title="Predicted against actual">
      <p>{verdict(job)}</p>
      <dl className="compare">
        <dt>Predicted</dt>
        <dd className="compare-bar">
          <span className="swatch s-mid" style={{ width: `${(predicted / most) * 100}%` }} />
        </dd>
        <dd className="number">{duration(predicted)}</dd>
        <dt>Actual</dt>
        <dd className="compare-bar">
          {actual !== null && (
            <span className="swatch s-accent" style={{ width: `${(actual / most) * 100}%` }} />
          )}
        </dd>
        <dd className="number">{duration(actual)}</dd>
      </dl>
    </Card>
  );
}

function verdict({ predicted_runtime_ms: predicted, runtime_ms: actual, status }: Job): string {
  if (status === 'running') return 'It runs; how long it took will stand here.';
  if (actual === null) return 'It has not run.';
  const factor = actual / Math.max(predicted, 0.01);
  if (factor > 0.8 && factor < 1.25) return 'It took about as long as predicted.';
  const times = (n: number) => (n >= 10 ? Math.round(n) : n.toFixed(1));
  return factor > 1
    ? `It took ${times(factor)} times as long as predicted.`
    : `It took ${Math.max(1, Math.round(factor * 100))} % of the predicted time.`;
}

export function JobFacts({ job }: { job: Job }) {
  const rows: [string, string][] = [
    ['Id', job.id],
    ['Priority', job.priority.toFixed(3)],
    ['Weight', String(job.weight)],
    ['Retries', `${job.retry_count} of ${job.max_retries}`],
  ];
  if (job.worker_id) rows.push(['Worker', job.worker_id]);
  if (job.deadline) rows.push(['Deadline', clock(job.deadline)]);
  if (job.timeout_ms !== null) rows.push(['Timeout', duration(job.timeout_ms)]);
  if (job.concurrency_key) rows.push(['Concurrency key', job.concurrency_key]);
  if (job.idempotency_key) rows.push(['Idempotency key', job.idempotency_key]);
  return (
    <Card title="Facts">
      <Pairs rows={rows} />
    </Card>
  );
}

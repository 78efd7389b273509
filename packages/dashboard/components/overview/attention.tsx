'use client';
import Link from 'next/link';
import { counted, duration } from '../../lib/format.ts';
import { useLive } from '../../lib/live.tsx';
import { useAlarms, useQueues, useThroughput, useWorkers } from '../../lib/queries.ts';
import { useSession } from '../shell/session.tsx';
import { Card } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';

interface Finding {
  key: string;
  tone: 'bad' | 'warn';
  text: string;
  href?: string;
  action?: string;
}

/** What somebody should look at, each with where to. */
export function Attention() {
  const findings = useFindings();
  return (
    <Card title="Needs attention">
      {findings.length === 0 ? (
        <p className="row soft">
          <span className="good">
            <Icon name="check" />
          </span>
          Nothing. Jobs run as they should.
        </p>
      ) : (
        <ul className="attention">
          {findings.map(({ key, tone, text, href, action }) => (
            <li key={key}>
              <span className={tone}>
                <Icon name="warn" />
              </span>
              <span className="grow">
                {text}{' '}
                {href && (
                  <Link href={href} prefetch={false}>
                    {action}
                  </Link>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function useFindings(): Finding[] {
  const { isAdmin } = useSession();
  const { snapshot } = useLive();
  const workers = useWorkers().data;
  const queues = useQueues(isAdmin).data;
  const minutes = useThroughput(60, 1).data;
  const alarms = useAlarms().data;
  const found: Finding[] = [];
  if (snapshot && snapshot.leader !== 'active') {
    found.push({
      key: 'leader',
      tone: 'bad',
      text: 'No scheduler leads: retries and scheduled jobs wait.',
      href: '/workers/',
      action: 'See the leader',
    });
  }
  if (snapshot?.workers === 0) {
    found.push({
      key: 'workers',
      tone: 'bad',
      text: 'No worker is running. Start one with `ravenmq worker`.',
    });
  }
  const lost =
    workers?.filter(({ status, seconds_since_heartbeat: s }) => status === 'offline' && s < 300) ?? [];
  if (lost.length > 0) {
    found.push({
      key: 'lost',
      tone: 'warn',
      text: `${counted(lost.length, 'worker')} went away within five minutes.`,
      href: '/workers/',
      action: 'See workers',
    });
  }
  for (const queue of queues ?? []) {
    if (!queue.paused || queue.queued === 0) continue;
    found.push({
      key: `queue ${queue.name}`,
      tone: 'warn',
      text: `Queue ${queue.name} is paused while ${counted(queue.queued, 'job')} wait${queue.queued === 1 ? 's' : ''}.`,
      href: '/queues/',
      action: 'See queues',
    });
  }
  const failed = minutes?.reduce((sum, bucket) => sum + bucket.failed, 0) ?? 0;
  if (failed > 0) {
    found.push({
      key: 'failed',
      tone: 'bad',
      text: `${counted(failed, 'job')} failed for good within the last hour.`,
      href: '/failures/',
      action: 'See why',
    });
  }
  for (const job of alarms?.running_long.slice(0, 3) ?? []) {
    found.push({
      key: `long ${job.job_id}`,
      tone: 'warn',
      text: `${job.name} has run for ${duration(job.elapsed_ms)}; nine of ten like it end within ${duration(job.p90_ms)}.`,
      href: `/job/?id=${job.job_id}`,
      action: 'Open',
    });
  }
  for (const job of alarms?.deadlines_at_risk.slice(0, 3) ?? []) {
    found.push({
      key: `deadline ${job.job_id}`,
      tone: 'warn',
      text: `${job.name} will probably miss its deadline.`,
      href: `/job/?id=${job.job_id}`,
      action: 'Open',
    });
  }
  return found;
}

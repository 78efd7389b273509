import Link from 'next/link';
import type { ScheduleFire } from '../../lib/wire.ts';
import { StatusWord } from '../ui/status.tsx';

/** The shapes are those of a job's states. */
const shapes: Record<ScheduleFire['outcome'], string> = {
  fired: 'done',
  waiting: 'queued',
  overlap: 'cancelled',
  missed: 'paused',
  failed: 'failed',
};

/** What was decided of a fire time; leads to the job that came of it. */
export function Outcome({ fire }: { fire: ScheduleFire }) {
  const word = <StatusWord status={shapes[fire.outcome]}>{fire.outcome}</StatusWord>;
  return fire.job_id ? (
    <Link href={`/job/?id=${fire.job_id}`} prefetch={false}>
      {word}
    </Link>
  ) : (
    word
  );
}

'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { BoardTable } from '../../../components/queues/board-table.tsx';
import { Gantt } from '../../../components/queues/gantt.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { Icon } from '../../../components/ui/icon.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Stat, Stats } from '../../../components/ui/stat.tsx';
import { Empty, Loaded, Skeleton } from '../../../components/ui/states.tsx';
import { api } from '../../../lib/api.ts';
import { count, duration, relative } from '../../../lib/format.ts';
import { useEvery } from '../../../lib/queries.ts';
import { addressOf } from '../../../lib/search.ts';
import { useNow } from '../../../lib/use-now.ts';
import type { Board } from '../../../lib/wire.ts';

export default function QueuePage() {
  return (
    <Suspense fallback={<Skeleton height={600} />}>
      <Queue />
    </Suspense>
  );
}

function Queue() {
  const name = useSearchParams().get('name') ?? 'default';
  const board = useQuery({
    queryKey: ['board', name],
    queryFn: () => api.board(name),
    refetchInterval: useEvery(2_000),
  });
  return (
    <>
      <PageHead title={`Board of ${name}`} lead="What runs, what comes next, and when.">
        <Link className="button" href={addressOf({ queue: name, labels: {} })} prefetch={false}>
          <Icon name="jobs" /> As a list
        </Link>
      </PageHead>
      <Loaded of={board} height={600}>
        {(data) => <BoardView board={data} />}
      </Loaded>
    </>
  );
}

function BoardView({ board }: { board: Board }) {
  const now = useNow();
  const { drained } = board;
  return (
    <div className="stack">
      <Stats>
        <Stat name="Waiting" value={count(board.waiting)} note={`${duration(board.backlog_ms)} of work`} />
        <Stat
          name="Running"
          value={count(board.running)}
          unit={`of ${count(board.slots)} slots`}
          note={`${duration(board.running_ms)} left`}
        />
        <Stat
          name="All started"
          value={drained ? relative(drained.p50, now) : '–'}
          note={
            drained ? `90 %: ${relative(drained.p90, now)}` : board.paused ? 'the queue is paused' : undefined
          }
        />
      </Stats>
      {board.slots_plan.length > 0 && (
        <Card title="Slots" aside={<span className="soft small">solid runs, outlined is planned</span>} flush>
          <div className="chart">
            <Gantt lanes={board.slots_plan} now={now} />
          </div>
        </Card>
      )}
      <Card title="Next" flush>
        {board.jobs.length === 0 ? (
          <Empty title="Nothing waits">A job that is submitted now starts at once.</Empty>
        ) : (
          <BoardTable jobs={board.jobs} now={now} />
        )}
      </Card>
    </div>
  );
}

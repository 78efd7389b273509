'use client';
import { QueueTable } from '../../../components/queues/queue-table.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Empty, Loaded } from '../../../components/ui/states.tsx';
import { useQueues } from '../../../lib/queries.ts';

export default function QueuesPage() {
  const queues = useQueues();
  return (
    <>
      <PageHead title="Queues" lead="Shared by all organizations. Changes hold at once, on every worker." />
      <section className="card">
        <Loaded of={queues} height={180}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No queue yet">The first job that names a queue makes it.</Empty>
            ) : (
              <QueueTable queues={rows} />
            )
          }
        </Loaded>
      </section>
    </>
  );
}

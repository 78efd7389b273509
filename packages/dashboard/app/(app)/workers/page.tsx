'use client';
import { LeaderCard } from '../../../components/leader-card.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Scroll } from '../../../components/ui/scroll.tsx';
import { Stat, Stats } from '../../../components/ui/stat.tsx';
import { Empty, Loaded } from '../../../components/ui/states.tsx';
import { StatusWord } from '../../../components/ui/status.tsx';
import { Ago } from '../../../components/ui/time.tsx';
import { count } from '../../../lib/format.ts';
import { useLive } from '../../../lib/live.tsx';
import { useWorkers } from '../../../lib/queries.ts';
import type { Worker } from '../../../lib/wire.ts';

export default function WorkersPage() {
  const workers = useWorkers();
  const { snapshot } = useLive();
  const offline = workers.data?.filter(({ status }) => status === 'offline').length;
  return (
    <>
      <PageHead title="Workers" lead="Processes that run jobs, seen within the last hour." />
      <div className="stack">
        <Stats>
          <Stat
            name="Alive"
            value={count(snapshot?.workers)}
            note={offline ? `${offline} went away` : undefined}
          />
          <Stat name="Slots" value={count(snapshot?.slots)} note="jobs at the same time" />
          <Stat name="Running" value={count(snapshot?.running)} note="that you may see" />
        </Stats>
        <div className="columns">
          <section className="card">
            <Loaded of={workers} height={180}>
              {(rows) =>
                rows.length === 0 ? (
                  <Empty title="No worker is running" command="ravenmq worker">
                    Jobs wait until one starts. On a machine that reaches the database:
                  </Empty>
                ) : (
                  <WorkerTable workers={rows} />
                )
              }
            </Loaded>
          </section>
          <LeaderCard />
        </div>
      </div>
    </>
  );
}

function WorkerTable({ workers }: { workers: Worker[] }) {
  return (
    <Scroll label="Workers">
      <table>
        <thead>
          <tr>
            <th>Status</th>
            <th>Worker</th>
            <th className="number">Slots</th>
            <th className="number">Jobs processed</th>
            <th className="number">Last seen</th>
            <th className="number wide-only">Started</th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <tr key={worker.worker_id}>
              <td>
                <StatusWord status={worker.status} />
              </td>
              <td className="name">{worker.worker_id}</td>
              <td className="number">{worker.slots}</td>
              <td className="number">{count(worker.jobs_processed)}</td>
              <td className="number">
                <Ago at={worker.last_seen} />
              </td>
              <td className="number wide-only soft">
                <Ago at={worker.started_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

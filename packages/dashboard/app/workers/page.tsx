'use client';
import { Shell } from '../../components/shell.tsx';
import { api } from '../../lib/api.ts';
import { clock, duration } from '../../lib/format.ts';
import { usePoll } from '../../lib/use-poll.ts';

export default function WorkersPage() {
  return (
    <Shell title="Workers">
      <LeaderCard />
      <Workers />
    </Shell>
  );
}

function LeaderCard() {
  const { value, error } = usePoll(api.leader, 3_000);
  if (!value) return <p className="notice">{error?.message ?? 'Loading …'}</p>;
  return (
    <dl className="facts card">
      <div>
        <dt>Leading scheduler</dt>
        <dd>{value.worker_id}</dd>
      </div>
      <div>
        <dt>State</dt>
        <dd>{value.status}</dd>
      </div>
      <div>
        <dt>Elected</dt>
        <dd>{clock(value.elected_at)}</dd>
      </div>
      <div>
        <dt>Last seen</dt>
        <dd>{duration(value.seconds_since_heartbeat * 1_000)} ago</dd>
      </div>
    </dl>
  );
}

function Workers() {
  const { value, error } = usePoll(api.workers, 3_000);
  if (!value) return <p className="notice">{error?.message ?? 'Loading …'}</p>;
  if (value.length === 0) return <p className="notice">No worker has been seen within the last hour.</p>;
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>Status</th>
            <th>Worker</th>
            <th className="number">Slots</th>
            <th className="number">Jobs processed</th>
            <th className="number">Last seen</th>
            <th>Started</th>
          </tr>
        </thead>
        <tbody>
          {value.map((worker) => (
            <tr key={worker.worker_id}>
              <td>
                <span className="status" data-status={worker.status}>
                  {worker.status}
                </span>
              </td>
              <td>{worker.worker_id}</td>
              <td className="number">{worker.slots}</td>
              <td className="number">{worker.jobs_processed.toLocaleString()}</td>
              <td className="number">{duration(worker.seconds_since_heartbeat * 1_000)} ago</td>
              <td>{clock(worker.started_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

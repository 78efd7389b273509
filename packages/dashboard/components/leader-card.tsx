'use client';
import { useLeader } from '../lib/queries.ts';
import { Card } from './ui/card.tsx';
import { Pairs } from './ui/pairs.tsx';
import { Loaded } from './ui/states.tsx';
import { StatusWord } from './ui/status.tsx';
import { Ago } from './ui/time.tsx';

/** Which scheduler leads, and since when. */
export function LeaderCard() {
  const leader = useLeader();
  return (
    <Card title="Scheduler leader">
      <Loaded of={leader} height={126}>
        {(row) =>
          row === null ? (
            <p className="soft">No scheduler has led yet. Start one with `ravenmq scheduler`.</p>
          ) : (
            <Pairs
              rows={[
                ['State', <StatusWord key="state" status={row.status} />],
                ['Leader', row.worker_id],
                ['Elected', <Ago key="elected" at={row.elected_at} />],
                ['Term', row.term],
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  );
}

'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { clock, counted } from '../../lib/format.ts';
import { useEvery } from '../../lib/queries.ts';
import { isOpen, questionText } from '../../lib/whatif.ts';
import type { Whatif } from '../../lib/wire.ts';
import { Card } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useToasts } from '../ui/toast.tsx';
import { OrdersTable } from './orders-table.tsx';
import { WaitChart } from './wait-chart.tsx';

/** A question as it is worked on, and its answer when there is one. */
export function Answer({ id }: { id: string }) {
  const every = useEvery(500);
  const whatif = useQuery({
    queryKey: ['whatif', id],
    queryFn: () => api.whatif(id),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? every : false),
  });
  return (
    <Loaded of={whatif} height={600}>
      {(data) => <State whatif={data} />}
    </Loaded>
  );
}

function State({ whatif }: { whatif: Whatif }) {
  if (isOpen(whatif)) return <Working whatif={whatif} />;
  if (whatif.result) return <Found asked={whatif.asked} result={whatif.result} />;
  return (
    <Card title="Answer">
      <Empty title={whatif.status === 'cancelled' ? 'Cancelled' : 'No answer'}>
        {whatif.error ?? 'Nobody works on it any more. Ask again below.'}
      </Empty>
    </Card>
  );
}

function Working({ whatif: { id, status, progress, asked } }: { whatif: Whatif }) {
  const client = useQueryClient();
  const { attempt } = useToasts();
  const cancel = () =>
    attempt(async () => {
      client.setQueryData(['whatif', id], await api.cancelWhatif(id));
      await client.invalidateQueries({ queryKey: ['whatifs'] });
    });
  const share = Math.round(progress * 100);
  return (
    <Card
      title="Answer"
      aside={
        <button type="button" className="small" onClick={() => void cancel()}>
          <Icon name="cancel" size={14} /> Cancel
        </button>
      }
    >
      <p>
        {status === 'waiting' ? 'It waits for the leader.' : `${share} % is replayed.`}{' '}
        <span className="soft">{questionText(asked)}</span>
      </p>
      <span className="meter" aria-hidden="true">
        <span style={{ width: `${share}%` }} />
      </span>
    </Card>
  );
}

interface FoundProps {
  asked: Whatif['asked'];
  result: NonNullable<Whatif['result']>;
}

function Found({ asked, result }: FoundProps) {
  return (
    <>
      <Card title="Answer">
        <p className="finding">{result.sentence}</p>
        <p className="soft small hint-line">
          {counted(result.jobs, 'job')} from {clock(result.from)} to {clock(result.until)}
          {asked.everything ? ', of every organization' : ''}: {questionText(asked)}.
        </p>
      </Card>
      <Card title="Orders compared" flush>
        <OrdersTable rows={result.rows} />
      </Card>
      <WaitChart rows={result.rows} />
      <Card title="Capacity">
        <ul className="lines">
          {result.capacity.map(({ arrival_scale: scale, sentence }) => (
            <li key={scale}>{sentence}</li>
          ))}
        </ul>
      </Card>
    </>
  );
}

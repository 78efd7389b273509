'use client';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../lib/api.ts';
import { count, counted } from '../../lib/format.ts';
import { useEvery } from '../../lib/queries.ts';
import { type Filter, queryOf } from '../../lib/search.ts';
import type { Job } from '../../lib/wire.ts';
import { Confirm, Dialog } from '../ui/dialog.tsx';
import { useToasts } from '../ui/toast.tsx';
import { mayCancel, mayRetry, useJobActions } from './use-job-actions.ts';

type Change = 'cancel' | 'retry';

interface BulkBarProps {
  filter: Filter;
  jobs: Job[];
  selected: ReadonlySet<string>;
  clear(): void;
}

interface Plan {
  change: Change;
  /** Jobs to expect. */
  many: number;
  atLeast: boolean;
  /** The selected ones; without ids all that the filter finds. */
  ids?: string[];
}

const verbs = { cancel: 'Cancel', retry: 'Retry' } as const;
const past = { cancel: 'cancelled', retry: 'put back into their queues' } as const;
const idsPerCall = 200;

/** What can be done with the selection, or with everything that the filter finds. */
export function BulkBar({ filter, jobs, selected, clear }: BulkBarProps) {
  const [plan, setPlan] = useState<Plan>();
  const [running, setRunning] = useState<Plan>();
  const chosen = jobs.filter(({ id }) => selected.has(id));
  const change = changeOf(filter);
  const counting = useQuery({
    queryKey: ['count', JSON.stringify(filter)],
    queryFn: () => api.count(queryOf(filter, Date.now())),
    enabled: change !== undefined && jobs.length > 0,
    refetchInterval: useEvery(10_000),
  });
  const total = counting.data;
  const offers: Plan[] = (['retry', 'cancel'] as const).flatMap((each) => {
    const ids = chosen.filter(each === 'cancel' ? mayCancel : mayRetry).map(({ id }) => id);
    return ids.length > 0 ? [{ change: each, many: ids.length, atLeast: false, ids }] : [];
  });
  const whole: Plan | undefined =
    change && total && total.count > 0 ? { change, many: total.count, atLeast: total.capped } : undefined;
  const words = ({ change: verb, many, atLeast }: Plan) =>
    `${verbs[verb]} ${atLeast ? 'more than ' : ''}${counted(many, 'job')}`;

  if (chosen.length === 0 && !whole && !running) return null;
  return (
    <>
      <div className="bulk">
        {chosen.length > 0 ? (
          <>
            <span>{count(chosen.length)} selected</span>
            {offers.map((offer) => (
              <button key={offer.change} type="button" className="small" onClick={() => setPlan(offer)}>
                {words(offer)}
              </button>
            ))}
            <button type="button" className="plain small" onClick={clear}>
              Clear
            </button>
          </>
        ) : (
          whole && (
            <>
              <span className="soft">
                {whole.atLeast ? 'More than ' : ''}
                {count(whole.many)} match
              </span>
              <button type="button" className="small" onClick={() => setPlan(whole)}>
                {verbs[whole.change]} all that match
              </button>
            </>
          )
        )}
      </div>
      {plan && (
        <Confirm
          title={`${words(plan)}?`}
          text={
            plan.ids
              ? 'This changes the selected jobs, as far as they have not moved on meanwhile.'
              : 'This changes every job that the filter finds, also those that are not loaded.'
          }
          action={words(plan)}
          danger={plan.change === 'cancel'}
          close={() => setPlan(undefined)}
          confirm={() => setRunning(plan)}
        />
      )}
      {running && (
        <Operation
          key={running.change}
          plan={running}
          filter={filter}
          close={() => {
            setRunning(undefined);
            clear();
          }}
        />
      )}
    </>
  );
}

function changeOf({ status }: Filter): Change | undefined {
  if (status === 'failed') return 'retry';
  if (status === 'queued' || status === 'running' || status === 'scheduled') return 'cancel';
  return undefined;
}

/** The work itself, batch by batch, with how far it is; it can be stopped between two batches. */
function Operation({ plan, filter, close }: { plan: Plan; filter: Filter; close(): void }) {
  const { say } = useToasts();
  const { changed } = useJobActions();
  const [seen, setSeen] = useState(0);
  const stopped = useRef(false);
  const begun = useRef(false);

  const work = async () => {
    let done = 0;
    try {
      for await (const batch of batches(plan, filter)) {
        done += batch.changed;
        setSeen((before) => before + batch.matched);
        if (stopped.current) break;
      }
      say({ text: `${counted(done, 'job')} ${past[plan.change]}.` });
    } catch (error) {
      say({
        text: `${counted(done, 'job')} ${past[plan.change]}, then: ${(error as Error).message}`,
        tone: 'bad',
      });
    }
    changed();
    close();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins once
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void work();
  }, []);

  return (
    <Dialog
      title={`${verbs[plan.change]} ${counted(plan.many, 'job')}`}
      className="narrow"
      close={() => undefined}
    >
      <p role="status">
        {count(seen)} of {plan.atLeast && 'more than '}
        {count(plan.many)}
      </p>
      <span className="meter" aria-hidden="true">
        <span style={{ width: `${Math.min(100, (seen / plan.many) * 100)}%` }} />
      </span>
      <div className="dialog-foot">
        <button
          type="button"
          onClick={() => {
            stopped.current = true;
          }}
        >
          Stop
        </button>
      </div>
    </Dialog>
  );
}

async function* batches({ change, ids }: Plan, filter: Filter) {
  if (ids) {
    for (let n = 0; n < ids.length; n += idsPerCall) {
      yield await api.inBulk(change, { ids: ids.slice(n, n + idsPerCall) });
    }
    return;
  }
  const wanted = Object.fromEntries(queryOf(filter, Date.now()));
  let before: string | null | undefined;
  do {
    const batch = await api.inBulk(change, { filter: wanted, ...(before && { before }) });
    yield batch;
    before = batch.next;
  } while (before);
}

'use client';
import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { count } from '../../lib/format.ts';
import type { Queue } from '../../lib/wire.ts';
import { Icon } from '../ui/icon.tsx';
import { StatusWord } from '../ui/status.tsx';
import { useToasts } from '../ui/toast.tsx';
import { LimitDialog } from './limit-dialog.tsx';

/** Counting stops there, queue by queue. */
const mostCounted = 10_000;
const capped = (n: number) => (n >= mostCounted ? `${count(mostCounted)}+` : count(n));

type Change = { paused?: boolean; concurrency?: number | null };

export function QueueTable({ queues }: { queues: Queue[] }) {
  const client = useQueryClient();
  const { say, attempt } = useToasts();
  const [limiting, setLimiting] = useState<Queue>();

  /** Changes a queue and offers to take it back. */
  const change = (queue: Queue, to: Change, back: Change, text: string) =>
    attempt(async () => {
      await api.changeQueue(queue.name, to);
      await client.invalidateQueries({ queryKey: ['queues'] });
      const undo = () =>
        void attempt(async () => {
          await api.changeQueue(queue.name, back);
          await client.invalidateQueries({ queryKey: ['queues'] });
        });
      say({ text, action: { label: 'Undo', run: undo } });
    });

  const pause = (queue: Queue) =>
    change(
      queue,
      { paused: !queue.paused },
      { paused: queue.paused },
      queue.paused
        ? `${queue.name} goes on.`
        : `${queue.name} is paused: what runs goes on, nothing new starts.`,
    );

  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>Queue</th>
            <th>State</th>
            <th className="number">Waiting</th>
            <th className="number">Running</th>
            <th className="number wide-only">Scheduled</th>
            <th className="number">Limit</th>
            <th>
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => (
            <tr key={queue.name}>
              <td className="name">
                <Link href={`/queue/?name=${encodeURIComponent(queue.name)}`} prefetch={false}>
                  {queue.name}
                </Link>
              </td>
              <td>
                <StatusWord status={queue.paused ? 'paused' : 'active'} />
              </td>
              <td className="number">{capped(queue.queued)}</td>
              <td className="number">{capped(queue.running)}</td>
              <td className="number wide-only">{capped(queue.scheduled)}</td>
              <td className="number">
                <button
                  type="button"
                  className="cell"
                  aria-label={`Limit of ${queue.name}: ${queue.concurrency ?? 'none'}`}
                  onClick={() => setLimiting(queue)}
                >
                  {queue.concurrency === null ? 'none' : count(queue.concurrency)}
                </button>
              </td>
              <td className="end">
                <button type="button" className="small" onClick={() => void pause(queue)}>
                  <Icon name={queue.paused ? 'play' : 'pause'} size={14} />
                  {queue.paused ? 'Resume' : 'Pause'}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {limiting && (
        <LimitDialog
          queue={limiting}
          close={() => setLimiting(undefined)}
          save={(concurrency) =>
            void change(
              limiting,
              { concurrency },
              { concurrency: limiting.concurrency },
              concurrency === null
                ? `${limiting.name} has no limit now.`
                : `${limiting.name} runs ${concurrency} at the same time at most.`,
            )
          }
        />
      )}
    </div>
  );
}

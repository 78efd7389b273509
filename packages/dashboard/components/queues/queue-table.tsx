'use client';
import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { count, roundDuration } from '../../lib/format.ts';
import { limitText, undoOf } from '../../lib/queue-change.ts';
import type { Queue, QueueChange } from '../../lib/wire.ts';
import { Icon } from '../ui/icon.tsx';
import { StatusWord } from '../ui/status.tsx';
import { useToasts } from '../ui/toast.tsx';
import { LimitDialog } from './limit-dialog.tsx';
import { OrderDialog } from './order-dialog.tsx';

/** Counting stops there, queue by queue. */
const mostCounted = 10_000;
const capped = (n: number) => (n >= mostCounted ? `${count(mostCounted)}+` : count(n));

const orderText = ({ policy, promise_ms: promiseMs }: Queue) =>
  promiseMs === null ? policy : `${policy}, ${roundDuration(promiseMs)}`;

export function QueueTable({ queues }: { queues: Queue[] }) {
  const client = useQueryClient();
  const { say, attempt } = useToasts();
  const [editing, setEditing] = useState<{ what: 'limit' | 'order'; queue: Queue }>();

  /** Changes a queue and offers to take it back. */
  const change = (queue: Queue, to: QueueChange, text: (now: Queue) => string) =>
    attempt(async () => {
      const now = await api.changeQueue(queue.name, to);
      await client.invalidateQueries({ queryKey: ['queues'] });
      const undo = () =>
        void attempt(async () => {
          await api.changeQueue(queue.name, undoOf(queue, to));
          await client.invalidateQueries({ queryKey: ['queues'] });
        });
      say({ text: text(now), action: { label: 'Undo', run: undo } });
    });

  const pause = (queue: Queue) =>
    change(queue, { paused: !queue.paused }, (now) =>
      now.paused ? `${now.name} is paused: what runs goes on, nothing new starts.` : `${now.name} goes on.`,
    );

  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>Queue</th>
            <th>State</th>
            <th>Order</th>
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
              <td>
                <button
                  type="button"
                  className="cell start"
                  aria-label={`Order of ${queue.name}: ${orderText(queue)}`}
                  onClick={() => setEditing({ what: 'order', queue })}
                >
                  {orderText(queue)}
                </button>
              </td>
              <td className="number">{capped(queue.queued)}</td>
              <td className="number">{capped(queue.running)}</td>
              <td className="number wide-only">{capped(queue.scheduled)}</td>
              <td className="number">
                <button
                  type="button"
                  className="cell"
                  aria-label={`Limit of ${queue.name}: ${limitText(queue)}`}
                  onClick={() => setEditing({ what: 'limit', queue })}
                >
                  {limitText(queue)}
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
      {editing?.what === 'limit' && (
        <LimitDialog
          queue={editing.queue}
          close={() => setEditing(undefined)}
          save={(to) => void change(editing.queue, to, (now) => `Limit of ${now.name}: ${limitText(now)}.`)}
        />
      )}
      {editing?.what === 'order' && (
        <OrderDialog
          queue={editing.queue}
          close={() => setEditing(undefined)}
          save={(to) => void change(editing.queue, to, (now) => `Order of ${now.name}: ${orderText(now)}.`)}
        />
      )}
    </div>
  );
}

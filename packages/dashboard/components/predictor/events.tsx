'use client';
import type { PredictorState } from '../../lib/wire.ts';
import { Card } from '../ui/card.tsx';
import { Ago } from '../ui/time.tsx';

type PredictorEvent = PredictorState['events'][number];

const shown = 12;

/** What happened to the predictor, newest first. */
export function Events({ events }: { events: PredictorEvent[] }) {
  return (
    <Card title="What happened">
      {events.length === 0 ? (
        <p className="soft">Nothing yet.</p>
      ) : (
        <ol className="attention">
          {events.slice(0, shown).map((event) => (
            <li key={`${event.at} ${event.kind} ${event.question} ${event.candidate}`} className="spread">
              <span>{sentence(event)}</span>
              <span className="soft small when">
                <Ago at={event.at} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function sentence({ kind, candidate, version, before, question }: PredictorEvent): string {
  const what = [candidate, version].filter((part) => part !== null).join(' ');
  const of = question === 'misorder' ? ' for the order' : question === 'logError' ? ' for times' : '';
  const from = before ? `, in place of ${before}` : '';
  return `${kind.replaceAll('_', ' ')}${what && `: ${what}`}${of}${from}`;
}

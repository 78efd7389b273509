'use client';
import { useState } from 'react';
import { AccuracyChart } from '../../../components/analytics/accuracy.tsx';
import { ByType } from '../../../components/analytics/by-type.tsx';
import { Health } from '../../../components/analytics/health.tsx';
import { Throughput } from '../../../components/analytics/throughput.tsx';
import { LeaderCard } from '../../../components/leader-card.tsx';
import { Backlog } from '../../../components/overview/backlog.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Segments } from '../../../components/ui/segments.tsx';

/** Minutes shown, and minutes in one bucket. */
const spans = { '1 h': [60, 1], '6 h': [360, 5], '24 h': [1_440, 15], '7 d': [10_080, 120] } as const;
type Span = keyof typeof spans;

export default function AnalyticsPage() {
  const [span, setSpan] = useState<Span>('24 h');
  const [minutes, step] = spans[span];
  return (
    <>
      <PageHead title="Analytics">
        <Segments label="Time shown" options={Object.keys(spans) as Span[]} value={span} choose={setSpan} />
      </PageHead>
      <div className="stack">
        <Health />
        <div className="halves">
          <Throughput minutes={minutes} step={step} />
          <Backlog minutes={minutes} step={step} />
        </div>
        <div className="halves">
          <AccuracyChart />
          <div className="stack">
            <ByType />
            <LeaderCard />
          </div>
        </div>
      </div>
    </>
  );
}

'use client';
import { count } from '../../lib/format.ts';
import { useThroughput } from '../../lib/queries.ts';
import { niceMarks } from '../../lib/scale.ts';
import { sinceFirst } from '../charts/evenly.ts';
import { ChartFrame, type Tone } from '../charts/frame.tsx';
import { TimeChart, timeOf } from '../charts/time-chart.tsx';
import { Loaded } from '../ui/states.tsx';

const series: { name: string; tone: Tone }[] = [
  { name: 'done', tone: 'accent' },
  { name: 'failed', tone: 'bad' },
];
const height = 232;

/** Jobs that ended, by bucket. */
export function Throughput({ minutes, step }: { minutes: number; step: number }) {
  const throughput = useThroughput(minutes, step);
  return (
    <Loaded of={throughput} height={height + 60}>
      {(buckets) => {
        const points = sinceFirst(
          buckets.map(({ bucket, done, failed }) => ({ at: Date.parse(bucket), values: [done, failed] })),
        );
        const [done, failed] = [0, 1].map((n) =>
          points.reduce((sum, { values }) => sum + (values[n] ?? 0), 0),
        );
        return (
          <ChartFrame
            title="Throughput"
            finding={`${count(done)} jobs were done and ${count(failed)} failed in the time shown.`}
            legend={series}
            height={height}
            columns={['From', 'done', 'failed']}
            rows={points.map(({ at, values }) => [timeOf(at), ...values.map((n) => count(n))])}
          >
            <TimeChart
              kind="bars"
              series={series}
              points={points}
              step={step * 60_000}
              height={height}
              marks={(max) => niceMarks(Math.max(4, max), 4)}
              format={(n) => count(n)}
            />
          </ChartFrame>
        );
      }}
    </Loaded>
  );
}
